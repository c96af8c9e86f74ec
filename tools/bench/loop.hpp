// One thread's event loop: sockets (epoll) and a timer that is exact to some microseconds, which a pace of thousands a
// second needs. Everything in the load tool runs on it; there are no other threads but those of the NATS library.
#pragma once

#include <cstdint>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

// Nanoseconds of a clock that never goes back.
std::int64_t now_ns();

inline constexpr std::int64_t kSecond = 1'000'000'000;

// Who is told what its file descriptor is ready for, as EPOLLIN and the like. It must not end within the call.
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

  // Waits for sockets until `deadline` at most, and hands out what they are ready for.
  void turn(std::int64_t deadline);

 private:
  void set_timer(std::int64_t at);

  int epoll_ = -1;
  int timer_ = -1;
  std::int64_t timer_at_ = 0;
};

}  // namespace resflow::bench
