#include "tools/bench/client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace resflow::bench {

namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
// The Sec-WebSocket-Accept header that a gateway must answer with, since every client sends the same Sec-WebSocket-Key
// (RFC 6455, section 1.3).
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// The connections from one local address to the gateway need different ports, and one address has too few ports for all
// clients. So each loopback address (127.0.0.1, 127.0.0.2, and so on) is used by at most this many clients.
constexpr std::size_t kClientsAnAddress = 20'000;

void bind_source(int fd, std::size_t index) {
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index / kClientsAnAddress));
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
    throw RunError(std::string("cannot take another local address: ") + std::strerror(errno));
  }
}

// Returns the code and the reason in a WebSocket close frame, as text.
std::string close_text(std::string_view payload) {
  if (payload.size() < 2) return "without a code";
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(payload[i])); };
  return std::to_string(byte(0) << 8 | byte(1)) + ' ' + std::string(payload.substr(2));
}

}  // namespace

std::string handshake_of(const WebSocketUrl& url) {
  return "GET " + url.path + " HTTP/1.1\r\nHost: " + url.authority() +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

void Client::connect(const SocketAddress& address, const std::string& handshake) {
  handshake_ = &handshake;
  fd_ = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail(std::string("cannot open a socket: ") + std::strerror(errno));
  if (index_ >= kClientsAnAddress && address.family() == AF_INET && address.loopback()) bind_source(fd_, index_);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_, address.raw(), address.size) != 0 && errno != EINPROGRESS) {
    fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  state_ = State::connecting;
  loop_.add(fd_, EPOLLOUT, *this);
}

void Client::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(std::string("cannot connect: ") + std::strerror(error));
  state_ = State::handshake;
  loop_.change(fd_, EPOLLIN, *this);
  out_ = *handshake_;
  flush();
}

void Client::send(std::string_view text) {
  append_frame(Opcode::text, text);
}

void Client::append_frame(Opcode op, std::string_view payload) {
  append_client_frame(out_, op, payload);
  if (!std::exchange(listed_, true)) owner_.has_output(*this);
}

void Client::flush() {
  listed_ = false;
  if (out_.empty() || writing_) return;
  const ssize_t n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) fail(std::string("cannot write: ") + std::strerror(errno));
  out_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  want_writing(!out_.empty());
}

void Client::want_writing(bool want) {
  if (want == writing_) return;
  writing_ = want;
  loop_.change(fd_, want ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

Pending Client::answered(std::uint64_t id) {
  const auto it = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& p) { return p.id == id; });
  if (it == pending_.end()) fail("got an answer to a request that it did not make: " + std::to_string(id));
  const Pending pending = *it;
  pending_.erase(it);
  return pending;
}

void Client::ready(std::uint32_t events) {
  if (state_ == State::connecting) return connected();
  if ((events & EPOLLOUT) != 0) {
    writing_ = false;
    flush();
    if (!writing_) loop_.change(fd_, EPOLLIN, *this);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Client::read() {
  const ssize_t n = ::recv(fd_, scratch_.data(), scratch_.size(), 0);
  if (n == 0) fail("the gateway ended the connection");
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) fail(std::string("cannot read: ") + std::strerror(errno));
  const std::int64_t now = now_ns();
  std::string_view bytes(scratch_.data(), static_cast<std::size_t>(n));
  bytes_in_ += bytes.size();
  if (state_ == State::handshake) bytes = read_head(bytes);
  if (state_ == State::open) {
    reader_.feed(bytes, [&](Opcode op, std::string_view payload) { message(op, payload, now); });
  }
}

// Collects the status line and headers of the gateway's response to the WebSocket handshake. When they are complete,
// checks that the gateway has accepted, and returns the bytes that came after them. Before that, returns an empty text.
std::string_view Client::read_head(std::string_view bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t before = head_.size();
  head_ += bytes;
  const std::size_t at = head_.find(end);
  if (at == std::string::npos) {
    if (head_.size() > kMaxHead) fail("the gateway answers with a head without end");
    return {};
  }
  const std::string head = std::exchange(head_, {}).substr(0, at);
  if (!head.starts_with("HTTP/1.1 101") || head.find(kAccept) == std::string::npos) {
    fail("the gateway opens no WebSocket: " + head.substr(0, head.find('\r')));
  }
  state_ = State::open;
  owner_.opened(*this);
  return bytes.substr(at + end.size() - before);
}

void Client::message(Opcode op, std::string_view payload, std::int64_t now) {
  switch (op) {
    case Opcode::text:
      return owner_.text(*this, payload, now);
    case Opcode::ping:
      return append_frame(Opcode::pong, payload);
    case Opcode::close:
      fail("the gateway closed the connection: " + close_text(payload));
    default:
      return;
  }
}

void Client::fail(const std::string& what) const {
  throw RunError("client " + std::to_string(index_) + ": " + what);
}

}  // namespace resflow::bench
