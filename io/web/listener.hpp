// A listening TCP socket on a libuv loop. Everything on the loop thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>

#include "io/uv_handle.hpp"

namespace resflow {

struct ListenerOptions {
  std::string addr;        // an IPv4 or IPv6 literal; empty: all addresses of both
  std::uint16_t port = 0;  // 0: one of the system's choice
  bool share_port =
      false;  // join others that listen there (SO_REUSEPORT); else somebody else's being there is an error
  unsigned keepalive_seconds = 60;  // a silent peer is probed after this time (TCP keepalive); 0: never
};

class Listener {
 public:
  // Takes a connected socket, non-blocking and close-on-exec. Must not throw; may call stop().
  using Accepted = std::function<void(int fd, const sockaddr_storage& peer)>;

  // Binds. Throws std::runtime_error that names address, port and reason.
  Listener(uv_loop_t* loop, const ListenerOptions& options, Accepted accepted);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Begins to listen. Throws as the constructor does.
  void start();
  void stop();
  std::uint16_t port() const { return port_; }

 private:
  void bind(const ListenerOptions& options);
  void on_readable();
  bool accept_one();
  void pause();
  void resume();
  [[noreturn]] void fail(int error) const;

  std::string name_;  // address and port, for messages
  Accepted accepted_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  UvHandle<uv_poll_t> poll_;
  UvHandle<uv_timer_t> retry_;
};

// "ip:port", "[ip]:port" for IPv6; an IPv4 address mapped into IPv6 as IPv4.
std::string format_peer(const sockaddr_storage& peer);
std::uint16_t port_of(const sockaddr_storage& socket);

}  // namespace resflow
