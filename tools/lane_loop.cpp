#include "tools/lane_loop.hpp"

#include <stdexcept>

namespace resflow {

LaneLoop::LaneLoop() {
  if (uv_loop_init(&loop_) != 0) throw std::runtime_error("cannot make an event loop");
  wake_ = make_uv_handle<uv_async_t>(this, [this](uv_async_t* h) {
    return uv_async_init(&loop_, h, [](uv_async_t* handle) {
      auto& self = *static_cast<LaneLoop*>(handle->data);
      self.work_ = true;
      if (self.stop_wanted_) self.begin_stop();
    });
  });
  after_io_ = make_uv_handle<uv_check_t>(this, [this](uv_check_t* h) { return uv_check_init(&loop_, h); });
  again_ = make_uv_handle<uv_idle_t>(this, [this](uv_idle_t* h) { return uv_idle_init(&loop_, h); });
  ticks_ = make_uv_handle<uv_timer_t>(this, [this](uv_timer_t* h) { return uv_timer_init(&loop_, h); });
  deadline_ = make_uv_handle<uv_timer_t>(this, [this](uv_timer_t* h) { return uv_timer_init(&loop_, h); });
  uv_check_start(after_io_.get(), [](uv_check_t* h) {
    auto& self = *static_cast<LaneLoop*>(h->data);
    if (self.work_) self.turn();
    if (self.stopping_) self.check_stopped();
  });
}

LaneLoop::~LaneLoop() {
  close();
}

void LaneLoop::open(const LaneOptions& options, const ClientServerOptions& clients, ServicePort& services,
                    LogPort& log) {
  server_ = std::make_unique<ClientServer>(&loop_, clients, static_cast<ClientSink&>(*this));
  lane_ = std::make_unique<Lane>(options, *server_, services, log, [this] { uv_async_send(wake_.get()); });
}

void LaneLoop::run() {
  lane_->run([this] { uv_run(&loop_, UV_RUN_DEFAULT); });
}

void LaneLoop::stop() {
  stop_wanted_ = true;
  uv_async_send(wake_.get());
}

void LaneLoop::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  server_->stop_listening();
  server_->close_all(CloseReason{1001, "server is shutting down"});
  uv_timer_start(
      deadline_.get(), [](uv_timer_t* h) { uv_stop(h->loop); }, kShutdownMs, 0);
}

void LaneLoop::check_stopped() {
  if (server_->connection_count() == 0) uv_stop(&loop_);
}

void LaneLoop::close() {
  if (!wake_) return;
  if (server_) {
    lane_->run([this] { server_ = nullptr; });
  }
  lane_ = nullptr;
  wake_ = nullptr;
  after_io_ = nullptr;
  again_ = nullptr;
  ticks_ = nullptr;
  deadline_ = nullptr;
  while (uv_run(&loop_, UV_RUN_NOWAIT) != 0) {
  }
  uv_loop_close(&loop_);
}

void LaneLoop::turn() {
  work_ = false;
  const bool more = lane_->turn(static_cast<Millis>(uv_hrtime() / 1'000'000));
  if (more) {
    work_ = true;
    uv_idle_start(again_.get(), [](uv_idle_t*) {});
  } else {
    uv_idle_stop(again_.get());
  }
  keep_time();
}

// Ticks come only while something waits for time, so an idle gateway sleeps.
void LaneLoop::keep_time() {
  const bool wanted = lane_->waits_for_time();
  if (wanted == ticking_) return;
  ticking_ = wanted;
  if (!wanted) {
    uv_timer_stop(ticks_.get());
    return;
  }
  uv_timer_start(
      ticks_.get(), [](uv_timer_t* h) { static_cast<LaneLoop*>(h->data)->turn(); }, kTickMs, kTickMs);
}

void LaneLoop::connected(ConnId conn, std::string cid, std::shared_ptr<const ClientInfo> info) {
  lane_->put(ParseIn(Connected{conn, std::move(cid), std::move(info)}));
  work_ = true;
}

void LaneLoop::frame(ConnId conn, std::string text) {
  lane_->put(ParseIn(ClientFrame{conn, std::move(text)}));
  work_ = true;
}

void LaneLoop::disconnected(ConnId conn) {
  lane_->put(ParseIn(Disconnected{conn}));
  work_ = true;
}

void LaneLoop::writable(ConnId conn) {
  lane_->put(WriteIn(Writable{conn}));
  work_ = true;
}

void LaneLoop::reply(ServiceReply message) {
  lane_->post(std::move(message));
}

void LaneLoop::message(ServiceMessage message) {
  lane_->post(std::move(message));
}

}  // namespace resflow
