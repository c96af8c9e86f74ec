#include "tools/gateway/lane_loop.hpp"

namespace resflow {

void LaneLoop::open(const LaneOptions& options, const WebServerOptions& clients, ServicePort& services, LogPort& log) {
  server_ = std::make_unique<WebServer>(loop_.uv(), clients, static_cast<ClientSink&>(*this));
  if (log.enabled(LogLevel::trace)) trace_ = std::make_unique<ClientTrace>(*server_, log);
  ClientPort& port = trace_ ? static_cast<ClientPort&>(*trace_) : *server_;
  capture_ = std::make_unique<LaneCapture>(options.id, port, services);
  lane_ = std::make_unique<Lane>(options, *capture_, *capture_, log, [this] { loop_.wake(); });
  if (trace_) lane_->add_tap(*trace_);
  loop_.on_turn([this] { return turn(); });
  loop_.on_call([this] { begin_stop(); });
}

void LaneLoop::run() {
  thread_ = std::this_thread::get_id();
  lane_->run([this] { loop_.run(); });
}

void LaneLoop::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  server_->stop_listening();
  server_->close_all(CloseReason{1001, "server is shutting down"});
  loop_.end_when([this] { return all_are_gone(); }, kShutdownMs);
  loop_.tick(true);
}

bool LaneLoop::all_are_gone() {
  if (counted_ && server_->connection_count() == 0) {
    counted_ = false;
    --busy_;
  }
  return busy_ == 0;
}

void LaneLoop::close() {
  if (capture_) capture(nullptr);
  if (lane_) lane_->run([this] { server_ = nullptr; });
  lane_ = nullptr;
  capture_ = nullptr;
  loop_.close();
}

void LaneLoop::capture(std::shared_ptr<RunningCapture> capture) {
  lane_->remove_tap(*capture_);
  if (capture) {
    lane_->add_tap(*capture_);
    capture_->start(std::move(capture));
  } else {
    capture_->stop();
  }
}

// Lets the lane process all messages that have arrived (this is called a turn). Before that, does what other threads
// have asked for: starts or ends a recording, and copies the counters. Returns true if work is left, so that the loop
// should call turn() again at once.
bool LaneLoop::turn() {
  if (auto next = next_capture_.take()) capture(std::move(*next));
  if (const auto take = take_figures_.take()) (*take)(LaneFigures{lane_->statistics(), server_->counters()});
  const bool more = lane_->turn(EventLoop::now_ms());
  loop_.tick(stopping_ || lane_->waits_for_time());  // a stopping loop must wake up regularly to call all_are_gone()
  return tables_.step(*lane_, *server_) || more;
}

template <typename Message>
void LaneLoop::put(Message message) {
  lane_->put(std::move(message));
  loop_.request_turn();
}

// Passes a message from NATS to the lane. On the lane's own thread, puts the message directly into the lane. On another
// thread, puts it into the lane's mailbox (its queue of messages from other threads), and waits while the mailbox is
// full.
template <typename Message>
void LaneLoop::from_services(Message message) {
  if (std::this_thread::get_id() == thread_) {
    put(std::move(message));
  } else {
    lane_->post(std::move(message));
  }
}

void LaneLoop::connected(Connected client) {
  put(ParseIn(std::move(client)));
}

void LaneLoop::frame(ConnId conn, std::string text) {
  put(ParseIn(ClientText{conn, std::move(text)}));
}

void LaneLoop::request(WebRequest request) {
  put(ParseIn(std::move(request)));
}

void LaneLoop::disconnected(ConnId conn) {
  put(ParseIn(Disconnected{conn}));
}

void LaneLoop::writable(ConnId conn) {
  put(WriteIn(Writable{conn}));
}

}  // namespace resflow
