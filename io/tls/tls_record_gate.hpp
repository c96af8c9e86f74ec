// Keeps nats.c from waiting on the loop's thread. Where it reads TLS and finds the beginning of a record only, it waits
// for the rest, for as long as that takes (natsSock_Read in version 3.4); on an event loop, everybody waits with it. So
// it is let in only when a record is there to its end. What is not TLS passes. Loop thread only.
#pragma once

namespace resflow {

class TlsRecordGate {
 public:
  // A connected socket that is about to be polled, with nothing read half.
  explicit TlsRecordGate(int fd) : fd_(fd) {}

  // To be asked when the socket is readable. After false the socket becomes readable again only when the record is
  // whole, or when nothing more will come.
  bool open();

 private:
  enum class Kind : unsigned char { unknown, plain, tls };

  int fd_;
  int awaited_ = 1;  // bytes below which the socket is not readable
  Kind kind_ = Kind::unknown;
};

}  // namespace resflow
