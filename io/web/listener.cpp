#include "io/web/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "io/ip_address.hpp"

namespace resflow {
namespace {

// The most connections that the listener accepts in one iteration of the event loop. Without this bound, a flood of new
// connections would delay the existing ones.
constexpr int kAcceptsPerIteration = 64;
// How long the listener pauses after the process has run out of file descriptors or memory. Without this pause, the
// event loop would use a whole core: connections that wait to be accepted keep the listening socket readable.
constexpr std::uint64_t kRetryMilliseconds = 100;
constexpr int kKeepaliveProbes = 4;
constexpr int kKeepaliveProbeSeconds = 10;
constexpr unsigned kMillisecondsPerSecond = 1'000;

struct Endpoint {
  sockaddr_storage addr{};
  socklen_t size = 0;
};

Endpoint ipv4_endpoint(in_addr addr, std::uint16_t port) {
  Endpoint endpoint;
  auto& in = reinterpret_cast<sockaddr_in&>(endpoint.addr);
  in.sin_family = AF_INET;
  in.sin_addr = addr;
  in.sin_port = htons(port);
  endpoint.size = sizeof in;
  return endpoint;
}

Endpoint ipv6_endpoint(const in6_addr& addr, std::uint16_t port) {
  Endpoint endpoint;
  auto& in = reinterpret_cast<sockaddr_in6&>(endpoint.addr);
  in.sin6_family = AF_INET6;
  in.sin6_addr = addr;
  in.sin6_port = htons(port);
  endpoint.size = sizeof in;
  return endpoint;
}

// Writes the address and the port into `out`. An empty `addr` stands for all addresses, IPv6 and IPv4. Returns false if
// the address is malformed.
bool parse_endpoint(const std::string& addr, std::uint16_t port, Endpoint& out) {
  in_addr ipv4{};
  in6_addr ipv6 = in6addr_any;
  if (inet_pton(AF_INET, addr.c_str(), &ipv4) == 1) {
    out = ipv4_endpoint(ipv4, port);
    return true;
  }
  if (!addr.empty() && inet_pton(AF_INET6, addr.c_str(), &ipv6) != 1) return false;
  out = ipv6_endpoint(ipv6, port);
  return true;
}

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

// Sets options on the listening socket. Accepted sockets inherit them, which saves at least one system call per
// connection.
void set_inherited_options(int fd, unsigned keepalive_seconds) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (keepalive_seconds == 0) return;
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(keepalive_seconds));
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveProbeSeconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  // While the peer has not acknowledged sent data, the kernel sends no keepalive probes. If the peer is out of reach
  // then, TCP_USER_TIMEOUT ends the connection, after the same time as the probes would.
  const unsigned seconds = keepalive_seconds + kKeepaliveProbes * kKeepaliveProbeSeconds;
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(seconds * kMillisecondsPerSecond));
}

int open_socket(int family) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage addr{};
  socklen_t size = sizeof addr;
  getsockname(fd, reinterpret_cast<sockaddr*>(&addr), &size);
  return port_of(addr);
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Listener::Listener(uv_loop_t* loop, const ListenerOptions& options, Accepted accepted)
    : name_((options.addr.empty() ? "all addresses" : options.addr) + " port " + std::to_string(options.port)),
      accepted_(std::move(accepted)) {
  try {
    bind(options);
    poll_ = make_uv_handle<uv_poll_t>(this, [&](uv_poll_t* handle) { return uv_poll_init(loop, handle, fd_); });
    retry_ = make_uv_handle<uv_timer_t>(this, [&](uv_timer_t* handle) { return uv_timer_init(loop, handle); });
  } catch (...) {
    stop();
    throw;
  }
}

void Listener::bind(const ListenerOptions& options) {
  Endpoint endpoint;
  if (!parse_endpoint(options.addr, options.port, endpoint)) {
    throw std::runtime_error("cannot listen on " + name_ + ": not an IPv4 or IPv6 address");
  }
  fd_ = open_socket(endpoint.addr.ss_family);
  if (fd_ < 0 && options.addr.empty()) {  // the system has no IPv6
    endpoint = ipv4_endpoint({}, options.port);
    fd_ = open_socket(AF_INET);
  }
  if (fd_ < 0) fail(errno);
  if (endpoint.addr.ss_family == AF_INET6) set_option(fd_, IPPROTO_IPV6, IPV6_V6ONLY, options.addr.empty() ? 0 : 1);
  set_option(fd_, SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.share_port) set_option(fd_, SOL_SOCKET, SO_REUSEPORT, 1);
  set_inherited_options(fd_, options.keepalive_seconds);
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&endpoint.addr), endpoint.size) != 0) fail(errno);
  // Allows other sockets with SO_REUSEPORT to listen on the same port: the gateway's other threads have such sockets.
  // With share_port == false, the option is set only here, after the bind. So the bind fails if another program already
  // listens on the port.
  set_option(fd_, SOL_SOCKET, SO_REUSEPORT, 1);
  port_ = bound_port(fd_);
}

Listener::~Listener() {
  stop();
}

void Listener::start() {
  if (::listen(fd_, SOMAXCONN) != 0) fail(errno);
  resume();
}

void Listener::stop() {
  retry_.reset();
  poll_.reset();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Listener::on_readable() {
  for (int i = 0; i < kAcceptsPerIteration; ++i) {
    if (fd_ < 0 || !accept_one()) return;  // accepted_ may have called stop(), which sets fd_ to -1
  }
}

// Accepts one connection and hands it to accepted_. Returns false if the listener should not try to accept another
// connection now.
bool Listener::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    accepted_(fd, peer);
    return true;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
  if (out_of_resources(errno)) {
    pause();
    return false;
  }
  return true;  // this connection ended before it was accepted, but others may wait
}

void Listener::pause() {
  uv_poll_stop(poll_.get());
  uv_timer_start(
      retry_.get(), [](uv_timer_t* timer) { static_cast<Listener*>(timer->data)->resume(); }, kRetryMilliseconds, 0);
}

void Listener::resume() {
  uv_poll_start(poll_.get(), UV_READABLE,
                [](uv_poll_t* poll, int, int) { static_cast<Listener*>(poll->data)->on_readable(); });
}

void Listener::fail(int error) const {
  throw std::runtime_error("cannot listen on " + name_ + ": " + std::strerror(error));
}

std::string format_peer(const sockaddr_storage& peer) {
  if (peer.ss_family != AF_INET && peer.ss_family != AF_INET6) return {};
  return IpAddress::of(peer).with_port(port_of(peer));
}

std::uint16_t port_of(const sockaddr_storage& socket) {
  const auto port = socket.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(socket).sin6_port
                                                 : reinterpret_cast<const sockaddr_in&>(socket).sin_port;
  return ntohs(port);
}

}  // namespace resflow
