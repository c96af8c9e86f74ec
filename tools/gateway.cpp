#include "tools/gateway.hpp"

#include <csignal>
#include <thread>

namespace resflow {

Gateway::Gateway(const Config& config, Log& log) : config_(config), log_(log) {}

Gateway::~Gateway() = default;

std::string Gateway::run() {
  for (unsigned i = 0; i < config_.lanes; ++i) lanes_.push_back(std::make_unique<LaneLoop>());
  NatsOptions options;
  options.url = config_.nats_url;
  nats_ = std::make_unique<NatsClient>(lanes_[0]->loop().uv(), options, log_,
                                       [this](std::string reason) { fail(std::move(reason)); });
  nats_->connect();
  open_lanes();
  std::signal(SIGPIPE, SIG_IGN);
  lanes_[0]->loop().on_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT}, [this] { stop(); });
  nats_->start();
  log_.log(LogLevel::info, "Server ready");
  run_lanes();
  log_.log(LogLevel::info, "Server stopped");
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

LaneOptions Gateway::lane_options(LaneId id) const {
  LaneOptions options;
  options.id = id;
  options.lanes = config_.lanes;
  options.session.pending_requests = config_.max_pending_requests;
  options.ask.timeout = config_.request_timeout_ms;
  options.ask.payload_size = nats_->max_payload();
  options.write.outbox_bytes = config_.max_outbox_bytes;
  options.web = config_.web;
  return options;
}

ClientServerOptions Gateway::client_options(LaneId id, std::uint16_t port) const {
  ClientServerOptions options;
  options.addr = config_.addr;
  options.port = port;
  options.share_port = id > 0;
  options.ws_path = config_.ws_path;
  options.hold_handshakes = config_.web.ws_header_auth.has_value();
  options.allow_origins = config_.web.allow_origins;
  options.lane = id;
  options.max_message_size = config_.max_message_bytes;
  return options;
}

void Gateway::open_lanes() {
  std::vector<Lane*> all;
  std::uint16_t port = config_.port;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto id = static_cast<LaneId>(i);
    lanes_[i]->open(lane_options(id), client_options(id, port), nats_->add_lane(lanes_[i]->service_sink()), log_);
    port = lanes_[i]->port();
    all.push_back(&lanes_[i]->lane());
  }
  for (Lane* lane : all) lane->meet(all);
  const std::string host = config_.addr.find(':') == std::string::npos ? config_.addr : '[' + config_.addr + ']';
  log_.log(LogLevel::info, "Listening on http://" + host + ':' + std::to_string(port));
}

// Lane 0 runs here. No lane ends before all have stopped: they post to each other.
void Gateway::run_lanes() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    threads.emplace_back([lane = lanes_[i].get()] { lane->run(); });
  }
  lanes_[0]->run();
  for (std::thread& t : threads) t.join();
  for (const auto& lane : lanes_) lane->lane().stop();
  nats_->close();
  nats_ = nullptr;
  for (const auto& lane : lanes_) lane->close();
}

void Gateway::stop() {
  log_.log(LogLevel::info, "Stopping server...");
  for (const auto& lane : lanes_) lane->stop();
}

// Any thread.
void Gateway::fail(std::string reason) {
  {
    const std::lock_guard lock(failure_mutex_);
    if (failure_.empty()) failure_ = reason;
  }
  log_.log(LogLevel::error, "Problem encountered: " + reason);
  for (const auto& lane : lanes_) lane->stop();
}

}  // namespace resflow
