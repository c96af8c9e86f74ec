// The event loop of one lane: libuv, with what a lane needs of it. After the sockets and the mailbox have had their
// say, one turn takes what they brought; so batches form by themselves under load, and nobody waits without it.
//
// Made on the main thread; then everything is on the thread that calls run(), except what is marked "any thread".
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

  // `turn` is called once after I/O when there was a request_turn() or wake() since the last time, and again without
  // waiting as long as it returns true.
  void on_turn(std::function<bool()> turn) { turn_ = std::move(turn); }
  void request_turn() { wanted_ = true; }
  void wake() { uv_async_send(wake_.get()); }  // any thread

  // Called on the loop's thread after call() was called, once for any number of calls before it.
  void on_call(std::function<void()> f) { called_ = std::move(f); }
  void call();  // any thread

  // While on, a turn is taken at least every kTickMs: how exact time limits are. An idle loop sleeps.
  void tick(bool on);
  static constexpr std::uint64_t kTickMs = 20;

  // Calls `check` after each round of I/O until it returns true or the time is over, then ends run().
  void end_when(std::function<bool()> check, std::uint64_t at_most_ms);

  void on_signals(std::initializer_list<int> numbers, std::function<void(int number)> f);

  // Until end_when() ends it; nothing that was set above is called after it.
  void run();

  // Ends all handles, those of others on this loop too once they are being closed. Not from within a callback.
  void close();

  static std::int64_t now_ms() { return static_cast<std::int64_t>(uv_hrtime() / 1'000'000); }

 private:
  void after_io();
  void take_turn();

  uv_loop_t loop_{};
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_check_t> after_io_;
  UvHandle<uv_idle_t> again_;  // while there is more to do at once
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
