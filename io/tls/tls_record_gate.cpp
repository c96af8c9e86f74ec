#include "io/tls/tls_record_gate.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace resflow {
namespace {

// The size of the header of a TLS record in bytes: type, version, and length in two bytes (RFC 8446, section 5.1).
constexpr int kHeader = 5;

// Returns true if the first byte of the received data is the type of a TLS record. A NATS message in plain text begins
// with a letter, + or -.
bool is_record_type(unsigned char first) {
  return first >= 20 && first <= 24;
}

}  // namespace

bool TlsRecordGate::open() {
  if (kind_ == Kind::plain) return true;
  std::array<unsigned char, kHeader> header{};
  const ssize_t size = ::recv(fd_, header.data(), header.size(), MSG_PEEK | MSG_DONTWAIT);
  // The caller has found the socket readable. If there are no bytes all the same, the stream has ended or failed, and
  // nats.c must read to notice this.
  if (size <= 0) return true;
  if (kind_ == Kind::unknown) kind_ = is_record_type(header[0]) ? Kind::tls : Kind::plain;
  if (kind_ == Kind::plain) return true;
  const int record = size < kHeader ? kHeader : kHeader + (header[3] << 8 | header[4]);
  int available = 0;
  if (::ioctl(fd_, FIONREAD, &available) != 0) return true;
  // nats.c may read when all bytes of the record have come. It may also read if bytes are missing but awaited_ equals
  // `record`. Then an earlier call has told the kernel (SO_RCVLOWAT) to report the socket as readable only when the
  // whole record has come. If the kernel reports it although bytes are missing, the stream has ended, and nats.c must
  // read to notice this.
  const bool whole = available >= record || awaited_ == record;
  const int wanted = whole ? 1 : record;
  if (std::exchange(awaited_, wanted) != wanted) ::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted);
  return whole;
}

}  // namespace resflow
