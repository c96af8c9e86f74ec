// The event loop of one lane: a libuv loop that calls the lane's turn function. (The operator's port has an event loop,
// too.) One turn handles everything that the sockets and the mailbox (messages from other lanes) have brought in one
// pass of the loop. So under load one turn handles many messages together, and without load no message waits.
//
// The main thread constructs the loop, sets its functions, and closes the loop. While run() runs, only the thread of
// run() may call the functions of this class, except those marked "any thread".
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
  // Makes the loop take a turn soon, even if the loop is waiting for I/O. Any thread.
  void wake() { uv_async_send(wake_.get()); }

  // Sets the function that call() makes the loop run. The loop runs this function on its own thread. After several
  // calls of call() in a row, the loop may run the function only once.
  void on_call(std::function<void()> f) { called_ = std::move(f); }
  // Makes the loop run the function of on_call(), and then take a turn. Any thread.
  void call();

  // Switches regular turns on or off. While regular turns are on, the loop takes a turn at least every kTickMs
  // milliseconds. The lane checks its time limits in its turns, so it notices a time limit at most that late. While
  // regular turns are off, an idle loop sleeps.
  void tick(bool on);
  static constexpr std::uint64_t kTickMs = 20;

  // Calls `check` after each pass of the loop. Ends run() when `check` returns true, or when `at_most_ms` milliseconds
  // have passed since this call.
  void end_when(std::function<bool()> check, std::uint64_t at_most_ms);

  // Calls `f` on the loop's thread when the process receives one of the signals `numbers`.
  void on_signals(std::initializer_list<int> numbers, std::function<void(int number)> f);

  // Runs the loop until end_when() ends it. After run() has returned, the loop does not call the functions of
  // on_turn(), on_call(), end_when() and on_signals() any more.
  void run();

  // Closes the loop's own handles, then runs the loop until all handles are closed. Before this call, the other owners
  // of handles must have released their handles. A callback of the loop must not call this.
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
