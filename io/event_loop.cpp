#include "io/event_loop.hpp"

#include <stdexcept>

namespace resflow {

EventLoop::EventLoop() {
  if (uv_loop_init(&loop_) != 0) throw std::runtime_error("cannot make an event loop");
  wake_ = make_uv_handle<uv_async_t>(this, [this](uv_async_t* h) {
    return uv_async_init(&loop_, h, [](uv_async_t* handle) {
      auto& self = *static_cast<EventLoop*>(handle->data);
      self.wanted_ = true;
      if (self.call_wanted_.exchange(false)) self.called_();
    });
  });
  after_io_ = make_uv_handle<uv_check_t>(this, [this](uv_check_t* h) { return uv_check_init(&loop_, h); });
  again_ = make_uv_handle<uv_idle_t>(this, [this](uv_idle_t* h) { return uv_idle_init(&loop_, h); });
  ticks_ = make_uv_handle<uv_timer_t>(this, [this](uv_timer_t* h) { return uv_timer_init(&loop_, h); });
  deadline_ = make_uv_handle<uv_timer_t>(this, [this](uv_timer_t* h) { return uv_timer_init(&loop_, h); });
  uv_check_start(after_io_.get(), [](uv_check_t* h) { static_cast<EventLoop*>(h->data)->after_io(); });
}

EventLoop::~EventLoop() {
  close();
}

void EventLoop::call() {
  call_wanted_ = true;
  uv_async_send(wake_.get());
}

void EventLoop::after_io() {
  if (wanted_) take_turn();
  if (ended_ && ended_()) uv_stop(&loop_);
}

void EventLoop::take_turn() {
  wanted_ = false;
  if (turn_()) wanted_ = true;
  if (wanted_) {
    uv_idle_start(again_.get(), [](uv_idle_t*) {});  // an active idle handle keeps the loop from waiting for I/O
  } else {
    uv_idle_stop(again_.get());
  }
}

void EventLoop::tick(bool on) {
  if (on == ticking_) return;
  ticking_ = on;
  if (on) {
    uv_timer_start(
        ticks_.get(), [](uv_timer_t* h) { static_cast<EventLoop*>(h->data)->take_turn(); }, kTickMs, kTickMs);
  } else {
    uv_timer_stop(ticks_.get());
  }
}

void EventLoop::end_when(std::function<bool()> check, std::uint64_t at_most_ms) {
  ended_ = std::move(check);
  uv_timer_start(
      deadline_.get(), [](uv_timer_t* h) { uv_stop(h->loop); }, at_most_ms, 0);
}

void EventLoop::on_signals(std::initializer_list<int> numbers, std::function<void(int number)> f) {
  signalled_ = std::move(f);
  for (const int number : numbers) {
    auto handle = make_uv_handle<uv_signal_t>(this, [this](uv_signal_t* h) { return uv_signal_init(&loop_, h); });
    uv_signal_start(
        handle.get(), [](uv_signal_t* h, int caught) { static_cast<EventLoop*>(h->data)->signalled_(caught); }, number);
    signals_.push_back(std::move(handle));
  }
}

// Runs the loop. When the loop has ended, removes the functions that were set with on_turn(), on_call(), on_signals()
// and end_when(). Otherwise close(), which runs the loop once more, could call them after the objects that they use are
// destroyed.
void EventLoop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
  turn_ = [] { return false; };
  called_ = [] {};
  signalled_ = [](int) {};
  ended_ = nullptr;
}

void EventLoop::close() {
  if (!open_) return;
  open_ = false;
  signals_.clear();
  wake_ = nullptr;
  after_io_ = nullptr;
  again_ = nullptr;
  ticks_ = nullptr;
  deadline_ = nullptr;
  while (uv_run(&loop_, UV_RUN_NOWAIT) != 0) {
  }
  uv_loop_close(&loop_);
}

}  // namespace resflow
