#include "tools/bench/loop.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

namespace resflow::bench {

namespace {

int check(int result, const char* what) {
  if (result < 0) throw RunError(std::string(what) + ": " + std::strerror(errno));
  return result;
}

epoll_event event_of(std::uint32_t events, Pollable& pollable) {
  epoll_event e{};
  e.events = events;
  e.data.ptr = &pollable;
  return e;
}

}  // namespace

std::int64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // reads CLOCK_MONOTONIC, like the loop's timer
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Loop::Loop() : epoll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  timer_ = check(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
  epoll_event e{};
  e.events = EPOLLIN;
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &e), "epoll_ctl");
}

Loop::~Loop() {
  ::close(timer_);
  ::close(epoll_);
}

void Loop::add(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event e = event_of(events, pollable);
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
}

void Loop::change(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event e = event_of(events, pollable);
  check(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &e), "epoll_ctl");
}

void Loop::remove(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::turn(std::int64_t deadline) {
  const bool wait = deadline > now_ns();
  if (wait) set_timer(deadline);
  std::array<epoll_event, 512> events;
  const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait ? -1 : 0);
  if (n < 0 && errno != EINTR) check(n, "epoll_wait");
  for (int i = 0; i < n; ++i) {
    const epoll_event& e = events[static_cast<std::size_t>(i)];
    // Only timer_ is registered without a Pollable, so a null pointer means timer_.
    if (e.data.ptr != nullptr) {
      static_cast<Pollable*>(e.data.ptr)->ready(e.events);
    } else {
      std::uint64_t expirations = 0;
      [[maybe_unused]] const auto bytes = ::read(timer_, &expirations, sizeof expirations);
    }
  }
}

void Loop::set_timer(std::int64_t at) {
  if (at == timer_at_) return;
  timer_at_ = at;
  itimerspec spec{};
  spec.it_value.tv_sec = at / kSecond;
  spec.it_value.tv_nsec = at % kSecond;
  check(timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr), "timerfd_settime");
}

}  // namespace resflow::bench
