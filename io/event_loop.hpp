// The event loop of one lane: a libuv loop that calls the lane's turn. (The operator's port has one, too.) One turn
// takes in everything that the sockets and the mailbox brought in one pass of the loop. So batches form by themselves
// under load, and without load nothing waits.
//
// The main thread constructs the loop, sets its functions, and closes it. While run() runs, all calls must be on the
// thread of run(), except those marked "any thread".
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

  // Sets the function that takes a turn. The loop calls this function after I/O if request_turn(), wake() or call() was
  // called since the last turn. While the function returns true, the loop calls it again without waiting.
  void on_turn(std::function<bool()> turn) { turn_ = std::move(turn); }
  // Makes the loop take a turn after the I/O of this pass.
  void request_turn() { wanted_ = true; }
  // Makes the loop take a turn soon, also if it waits for I/O. Any thread.
  void wake() { uv_async_send(wake_.get()); }

  // Sets the function that call() makes the loop call on the loop's own thread. Several calls of call() may lead to
  // only one call of the function.
  void on_call(std::function<void()> f) { called_ = std::move(f); }
  // Makes the loop call the function of on_call(), and then take a turn. Any thread.
  void call();

  // Switches regular turns on or off. While they are on, the loop takes a turn at least every kTickMs milliseconds, so
  // time limits are exact to kTickMs. While they are off, an idle loop sleeps.
  void tick(bool on);
  static constexpr std::uint64_t kTickMs = 20;

  // Calls `check` after each pass of the loop. Ends run() when `check` returns true or `at_most_ms` have passed.
  void end_when(std::function<bool()> check, std::uint64_t at_most_ms);

  // Calls `f` on the loop's thread when the process receives one of the signals `numbers`.
  void on_signals(std::initializer_list<int> numbers, std::function<void(int number)> f);

  // Runs the loop until end_when() ends it. After run() has returned, the loop does not call the functions that were
  // set above.
  void run();

  // Closes the loop's own handles, then runs the loop until all handles are closed. Other owners of handles must have
  // released theirs before. Must not be called from a callback of the loop.
  void close();

  // Returns a monotonic time in milliseconds. Any thread.
  static std::int64_t now_ms() { return static_cast<std::int64_t>(uv_hrtime() / 1'000'000); }

 private:
  void after_io();
  void take_turn();

  uv_loop_t loop_{};
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_check_t> after_io_;
  UvHandle<uv_idle_t> again_;  // active while the next turn must come at once, so that the loop does not wait for I/O
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
