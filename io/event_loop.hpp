// The event loop of a lane (one of the gateway's parallel pipelines, each with its own thread). It is a libuv loop.
// When I/O or messages have arrived, the loop calls the lane's turn function, which processes everything that has
// arrived so far. So under load one call processes many messages together, and without load no message waits. The
// server for metrics and the admin page uses this class, too.
//
// The main thread constructs the loop, sets its functions, and closes the loop. While run() runs, only the thread that
// called run() may call functions of this class, except those marked "any thread".
#pragma once

#include <uv.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <vector>

#include "io/uv_handle.hpp"

namespace resflow {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  uv_loop_t* uv() { return &loop_; }

  // Sets the turn function, which processes what has arrived. The loop calls it after request_turn(), wake() or call(),
  // and when the timer fires (see tick()). If the function returns true, it has not finished, and the loop calls it
  // again without waiting for I/O.
  void on_turn(std::function<bool()> turn) { turn_ = std::move(turn); }
  // Makes the loop call the turn function in the current iteration of the loop, after the I/O.
  void request_turn() { wanted_ = true; }
  // Makes the loop call the turn function soon, even if the loop is waiting for I/O. Any thread.
  void wake() { uv_async_send(wake_.get()); }

  // Sets the function that call() starts. The loop runs it on the loop's thread. If call() is called several times in
  // quick succession, the function may run only once.
  void on_call(std::function<void()> f) { called_ = std::move(f); }
  // Makes the loop run the function that was set with on_call(), and then the turn function. Any thread.
  void call();

  // Switches the timer on or off. While it is on, the loop calls the turn function at least every kTickMs milliseconds,
  // even if nothing has arrived. A lane needs this to notice its timeouts, since it checks them in the turn function.
  // While the timer is off, an idle loop sleeps.
  void tick(bool on);
  static constexpr std::uint64_t kTickMs = 20;

  // Sets when run() ends: as soon as `check` returns true, or when `at_most_ms` milliseconds have passed since
  // end_when() was called. The loop calls `check` after each iteration.
  void end_when(std::function<bool()> check, std::uint64_t at_most_ms);

  // Calls `f` on the loop's thread when the process receives one of the signals `numbers`.
  void on_signals(std::initializer_list<int> numbers, std::function<void(int number)> f);

  // Runs the loop until end_when() ends it. After run() has returned, the loop no longer calls the functions that were
  // set with on_turn(), on_call(), end_when() and on_signals().
  void run();

  // Closes the loop. Waits until all libuv handles on the loop are closed, so every other object must have released its
  // handles before. Must not be called from a callback of the loop.
  void close();

  // Returns a monotonic time in milliseconds. Any thread.
  static std::int64_t now_ms() { return static_cast<std::int64_t>(uv_hrtime() / 1'000'000); }

 private:
  void after_io();
  void take_turn();

  uv_loop_t loop_{};
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_check_t> after_io_;
  UvHandle<uv_idle_t> again_;  // active while turn_ must be called again at once; keeps the loop from waiting for I/O
  UvHandle<uv_timer_t> ticks_;
  UvHandle<uv_timer_t> deadline_;
  std::vector<UvHandle<uv_signal_t>> signals_;
  std::function<bool()> turn_ = [] { return false; };
  std::function<void()> called_ = [] {};
  std::function<bool()> ended_;
  std::function<void(int)> signalled_ = [](int) {};
  std::atomic<bool> call_wanted_ = false;
  bool wanted_ = false;
  bool ticking_ = false;
  bool open_ = true;
};

}  // namespace resflow
