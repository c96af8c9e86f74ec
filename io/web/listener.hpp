// Listens on a TCP port and accepts connections, on a libuv loop. Each web server has one. Only the thread of this loop
// may use the class.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>

#include "io/uv_handle.hpp"

namespace resflow {

struct ListenerOptions {
  std::string addr;        // an IPv4 or IPv6 literal; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 0;  // 0: the system chooses a free port
  // True: this socket may share the port with other sockets that have SO_REUSEPORT. False: the constructor throws if
  // another socket already uses the port.
  bool share_port = false;
  unsigned keepalive_seconds = 60;  // the kernel probes a silent peer after this time (TCP keepalive); 0: never
};

class Listener {
 public:
  // The listener calls this function with each accepted socket. From then on, the function owns the socket and must
  // close it. The socket is non-blocking and close-on-exec. The function must not throw, and may call stop().
  using Accepted = std::function<void(int fd, const sockaddr_storage& peer)>;

  // Binds a socket to the address and the port. If this fails, throws std::runtime_error with the address, the port and
  // the reason.
  Listener(uv_loop_t* loop, const ListenerOptions& options, Accepted accepted);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Starts to listen. Throws std::runtime_error as the constructor does.
  void start();
  // Stops listening and closes the socket.
  void stop();
  std::uint16_t port() const { return port_; }

 private:
  void bind(const ListenerOptions& options);
  void on_readable();
  bool accept_one();
  void pause();
  void resume();
  [[noreturn]] void fail(int error) const;

  std::string name_;  // address and port, for error messages
  Accepted accepted_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  UvHandle<uv_poll_t> poll_;
  UvHandle<uv_timer_t> retry_;
};

// Returns the address as "ip:port", or "[ip]:port" for IPv6. Writes an IPv4-mapped IPv6 address (::ffff:1.2.3.4) as
// IPv4. Returns an empty text if `peer` is neither IPv4 nor IPv6.
std::string format_peer(const sockaddr_storage& peer);
std::uint16_t port_of(const sockaddr_storage& socket);

}  // namespace resflow
