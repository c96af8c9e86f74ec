#include "tools/lane_loop.hpp"

namespace resflow {

void LaneLoop::open(const LaneOptions& options, const ClientServerOptions& clients, ServicePort& services,
                    LogPort& log) {
  server_ = std::make_unique<ClientServer>(loop_.uv(), clients, static_cast<ClientSink&>(*this));
  lane_ = std::make_unique<Lane>(options, *server_, services, log, [this] { loop_.wake(); });
  loop_.on_turn([this] { return turn(); });
  loop_.on_call([this] { begin_stop(); });
}

void LaneLoop::run() {
  lane_->run([this] { loop_.run(); });
}

void LaneLoop::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  server_->stop_listening();
  server_->close_all(CloseReason{1001, "server is shutting down"});
  loop_.end_when([this] { return server_->connection_count() == 0; }, kShutdownMs);
}

void LaneLoop::close() {
  if (lane_) lane_->run([this] { server_ = nullptr; });
  lane_ = nullptr;
  loop_.close();
}

bool LaneLoop::turn() {
  const bool more = lane_->turn(EventLoop::now_ms());
  loop_.tick(lane_->waits_for_time());
  return more;
}

template <typename Message>
void LaneLoop::put(Message message) {
  lane_->put(std::move(message));
  loop_.request_turn();
}

void LaneLoop::connected(Connected client) {
  put(ParseIn(std::move(client)));
}

void LaneLoop::frame(ConnId conn, std::string text) {
  put(ParseIn(ClientFrame{conn, std::move(text)}));
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
