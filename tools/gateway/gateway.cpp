#include "tools/gateway/gateway.hpp"

#include <algorithm>
#include <csignal>
#include <thread>

namespace resflow {

namespace {

constexpr std::uint64_t kMillisecondsPerSecond = 1'000;
// Client messages that have arrived only in part take memory. Each lane (one of the parallel pipelines) limits this
// memory for all its clients together (max_held_bytes). The limit is at least this many times the largest allowed
// message, so that one client with one large message cannot use it up.
constexpr std::size_t kLargestMessagesHeld = 8;

Rate request_rate(const Config& config) {
  const std::size_t burst = config.request_burst == 0 ? config.request_rate : config.request_burst;
  return {static_cast<double>(config.request_rate), static_cast<double>(std::max<std::size_t>(burst, 1))};
}

}  // namespace

Gateway::Gateway(const Config& config, Log& log)
    : config_(config), log_(log), captures_(std::make_unique<CaptureControl>(config.capture, log)), gatherer_(log) {}

// Ends a running capture (a recording of the traffic) before the members are destroyed. Otherwise the destructor of
// metrics_, the server of the admin page, would wait for the capture to end.
Gateway::~Gateway() {
  if (captures_) captures_->close();
}

std::string Gateway::run() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // otherwise a write beyond the file size limit would end the process
  demand_open_files(config_.lanes);
  if (config_.tls) load_certificate();
  open_metrics();
  busy_lanes_ = config_.lanes;
  for (unsigned i = 0; i < config_.lanes; ++i) lanes_.push_back(std::make_unique<LaneLoop>(busy_lanes_));
  connect();
  open_lanes();
  lanes_[0]->loop().on_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1}, [this](int number) { on_signal(number); });
  captures_->open(pipeline_options(), [this](const CaptureControl::Capture& capture) {
    for (const auto& lane : lanes_) lane->change_capture(capture);
  });
  nats_->start();
  gatherer_.ready(lanes_, *nats_);
  log_.log(LogLevel::info, "Server ready");
  run_lanes();
  log_.log(LogLevel::info, "Server stopped");
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

NatsOptions Gateway::nats_options() const {
  NatsOptions options;
  options.url = embedded_nats_ ? embedded_nats_->url() : config_.nats_url;
  options.creds = config_.nats_creds;
  options.cert = config_.nats_cert;
  options.key = config_.nats_key;
  options.root_cas = config_.nats_root_cas;
  options.inbox_prefix = config_.nats_inbox_prefix;
  options.max_subscriptions = config_.nats_max_subscriptions;
  return options;
}

PipelineOptions Gateway::pipeline_options() const {
  PipelineOptions options;
  options.lanes = config_.lanes;
  options.session.pending_requests = config_.max_pending_requests;
  options.ask.timeout = config_.request_timeout_ms;
  options.ask.payload_size = nats_->max_payload();
  options.ask.reset_throttle = config_.reset_throttle;
  options.ask.reference_throttle = config_.reference_throttle;
  options.cache.bytes = config_.max_cache_bytes;
  options.write.event_bytes = config_.max_outbox_bytes;
  options.admit.pending_requests = config_.max_pending_requests;
  options.admit.served = std::min(options.admit.served, config_.max_pending_requests);
  options.admit.rate = request_rate(config_);
  options.admit.dry_run = config_.limits_dry_run;
  options.session.direct_subscriptions = config_.max_subscriptions;
  options.session.dry_run = config_.limits_dry_run;
  options.web = config_.web;
  return options;
}

LaneOptions Gateway::lane_options(LaneId id) const {
  LaneOptions options{pipeline_options()};
  options.id = id;
  options.measure = metrics_ != nullptr;
  return options;
}

WebServerOptions Gateway::client_options(LaneId id, std::uint16_t port) const {
  WebServerOptions options;
  options.addr = config_.addr;
  options.port = port;
  options.share_port = id > 0;
  options.ws_path = config_.ws_path;
  options.hold_handshakes = config_.web.ws_header_auth.has_value();
  options.allow_origins = config_.web.allow_origins;
  options.compression = config_.ws_compression;
  options.lane = id;
  options.cors = true;
  options.cors_credentials = config_.web.header_auth.has_value();
  options.max_message_size = config_.max_message_bytes;
  options.max_held_bytes = std::max(options.max_held_bytes, kLargestMessagesHeld * config_.max_message_bytes);
  options.write_timeout_ms = static_cast<std::uint64_t>(config_.write_timeout_seconds) * kMillisecondsPerSecond;
  options.admission = admission_.get();
  for (const std::string& text : config_.trusted_proxies) options.trusted_proxies.push_back(*IpNetwork::read(text));
  options.proxy_protocol = config_.proxy_protocol;
  options.tls = tls_.get();
  options.log = &log_;
  return options;
}

std::string Gateway::url(std::uint16_t port) const {
  const std::string host = config_.addr.find(':') == std::string::npos ? config_.addr : '[' + config_.addr + ']';
  return (tls_ ? "https://" : "http://") + host + ':' + std::to_string(port);
}

// Opens the port for metrics and the admin page. run() calls this before it connects to NATS, which may take long. So a
// health check can already learn that the gateway is starting.
void Gateway::open_metrics() {
  if (config_.metrics_port == 0) return;
  WebServerOptions options;
  options.addr = config_.addr;
  options.port = config_.metrics_port;
  options.ws_path = "";
  options.max_message_size = 4'096;
  options.max_connections = 64;
  options.tls = tls_.get();
  metrics_ = std::make_unique<OperatorServer>(
      options, gatherer_, AdminOptions{config_.admin ? &gatherer_ : nullptr, captures_.get(), config_.admin_allow});
  metrics_->start();
  log_.log(LogLevel::info, "Metrics endpoint listening on " + url(metrics_->port()) + "/metrics");
  if (config_.admin) log_.log(LogLevel::info, "Admin page at " + url(metrics_->port()) + "/graph");
}

void Gateway::connect() {
  uv_loop_t* loop = lanes_[0]->loop().uv();
  if (config_.nats_url == kEmbeddedNats) embedded_nats_ = std::make_unique<EmbeddedNats>(loop, log_);
  nats_ =
      std::make_unique<NatsClient>(loop, nats_options(), log_, [this](std::string reason) { fail(std::move(reason)); });
  nats_->connect();
}

// Creates the limit on client connections. All lanes share one limit, because the limit of open files applies to the
// whole process.
void Gateway::open_admission() {
  const std::size_t possible = possible_connections();
  if (config_.max_connections > possible) {
    log_.log(LogLevel::error, "maxconnections is " + std::to_string(config_.max_connections) +
                                  ", but the limit of open files allows " + std::to_string(possible));
  }
  const AdmissionOptions limits{config_.max_connections, config_.max_connections_per_ip, config_.connection_rate,
                                config_.limits_dry_run};
  admission_ = std::make_unique<Admission>(limits, possible);
}

void Gateway::open_lanes() {
  open_admission();
  std::vector<Lane*> all;
  std::uint16_t port = config_.port;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto id = static_cast<LaneId>(i);
    lanes_[i]->open(lane_options(id), client_options(id, port), nats_->add_lane(lanes_[i]->service_sink()), log_);
    port = lanes_[i]->port();
    all.push_back(&lanes_[i]->lane());
  }
  for (Lane* lane : all) lane->meet(all);
  if (!config_.capture.path.empty()) {
    const auto capture = captures_->begin(pipeline_options());
    for (const auto& lane : lanes_) lane->capture(capture);
  }
  log_.log(LogLevel::info, "Listening on " + url(port));
}

// Runs lane 0 on this thread and every other lane on a thread of its own. Returns when all lanes have stopped and
// everything is closed. No lane is closed while another lane still runs, because a running lane may post messages to
// any lane.
void Gateway::run_lanes() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    threads.emplace_back([lane = lanes_[i].get()] { lane->run(); });
  }
  lanes_[0]->run();
  for (std::thread& t : threads) t.join();
  captures_->close();
  metrics_ = nullptr;
  for (const auto& lane : lanes_) lane->lane().stop();
  nats_->close();
  nats_ = nullptr;
  embedded_nats_ = nullptr;
  for (const auto& lane : lanes_) lane->close();
  captures_ = nullptr;
}

// SIGUSR1 starts or stops a capture (a recording of the traffic). SIGHUP reloads the certificate if clients use TLS.
// Without TLS, SIGHUP stops the gateway, as it stops Resgate, the program that resflow replaces. Every other signal
// stops the gateway.
void Gateway::on_signal(int number) {
  if (number == SIGUSR1) return captures_->toggle();
  if (number != SIGHUP || !tls_) return stop();
  try {
    load_certificate();
    log_.log(LogLevel::info, "Reloaded the TLS certificate");
  } catch (const std::exception& e) {
    log_.log(LogLevel::error, std::string("The TLS certificate stays what it was: ") + e.what());
  }
}

void Gateway::load_certificate() {
  if (tls_) {
    tls_->reload();
  } else {
    tls_ = std::make_unique<ServerTls>(config_.tls_cert, config_.tls_key);
  }
  if (tls_->expired()) log_.log(LogLevel::error, "The TLS certificate in " + config_.tls_cert + " has expired");
}

void Gateway::stop() {
  log_.log(LogLevel::info, "Stopping server...");
  gatherer_.stopping();
  for (const auto& lane : lanes_) lane->stop();
}

// Stops the gateway because of an error. Any thread.
void Gateway::fail(std::string reason) {
  {
    const std::lock_guard lock(failure_mutex_);
    if (failure_.empty()) failure_ = reason;
  }
  gatherer_.stopping();
  log_.log(LogLevel::error, "Problem encountered: " + reason);
  for (const auto& lane : lanes_) lane->stop();
}

}  // namespace resflow
