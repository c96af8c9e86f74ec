// The event loop of the load tool. It waits for sockets (epoll), and for a timer that is exact to a few microseconds,
// because the tool sends thousands of messages a second at fixed times. Everything in the load tool runs on the loop's
// thread. The only other threads belong to the NATS library.
#pragma once

#include <cstdint>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

// Returns the time of a monotonic clock, in nanoseconds.
std::int64_t now_ns();

inline constexpr std::int64_t kSecond = 1'000'000'000;

// Receives the events of a file descriptor: the loop calls ready() with epoll events, such as EPOLLIN. The object must
// not be destroyed during the call.
class Pollable {
 public:
  virtual void ready(std::uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void add(int fd, std::uint32_t events, Pollable& pollable);
  void change(int fd, std::uint32_t events, Pollable& pollable);
  void remove(int fd);

  // Does one iteration of the event loop: waits until a socket has events or the time now_ns() is `deadline`. Then
  // calls ready() for each socket that has events.
  void turn(std::int64_t deadline);

 private:
  void set_timer(std::int64_t at);

  int epoll_ = -1;
  int timer_ = -1;
  std::int64_t timer_at_ = 0;
};

}  // namespace resflow::bench
