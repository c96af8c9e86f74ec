#include "io/operator/operator_server.hpp"

#include <chrono>
#include <utility>

#include "io/gzip.hpp"

namespace resflow {

namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
constexpr std::uint64_t kShutdownMs = 500;  // at shutdown, how long the server still tries to send its last answers

std::string_view path_of(const WebRequest& request) {
  const std::string_view target = request.info->uri();
  return target.substr(0, target.find('?'));
}

std::string_view header_of(const WebRequest& request, std::string_view name) {
  const auto values = request.info->header_values(name);
  return values.empty() ? std::string_view() : values.front();
}

// Returns the time in seconds since 1970.
double time_of_day() {
  using namespace std::chrono;
  return static_cast<double>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()) / 1'000;
}

}  // namespace

OperatorServer::OperatorServer(const WebServerOptions& options, MetricsSource& source, AdminOptions admin,
                               std::int64_t patience_ms)
    : source_(source),
      patience_ms_(patience_ms),
      created_(time_of_day()),
      server_(std::make_unique<WebServer>(loop_.uv(), options, static_cast<ClientSink&>(*this))) {
  if (admin.source != nullptr) {
    admin_ = std::make_unique<AdminPages>(
        std::move(admin),
        AdminPages::Host{[this](ConnId conn, const WebResponse& response) { server_->respond(conn, response); },
                         [this](ConnId conn) {
                           ask({conn, Page::nodes});
                         },
                         [this] { loop_.wake(); }},
        patience_ms);
  }
  loop_.on_turn([this] {
    turn();
    return false;
  });
  loop_.on_call([this] {
    server_->stop_listening();
    server_->close_all(CloseReason{1001, "server is shutting down"});
    loop_.end_when([this] { return server_->connection_count() == 0; }, kShutdownMs);
  });
}

OperatorServer::~OperatorServer() {
  if (thread_.joinable()) {
    loop_.call();
    thread_.join();
  }
  server_ = nullptr;
  loop_.close();
}

void OperatorServer::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

// Refuses a client that asks for a WebSocket, since this server offers none.
void OperatorServer::connected(Connected client) {
  server_->close(client.conn, CloseReason{1008, "no WebSocket"});
}

void OperatorServer::request(WebRequest request) {
  const std::string_view path = path_of(request);
  if (admin_ && AdminPages::has(path)) return admin_->request(request);
  if (path != "/metrics" && path != "/healthz" && path != "/readyz") return text(request.conn, 404, "not found");
  if (request.method != "GET" && request.method != "HEAD") {
    WebResponse response{405, {{"Allow", "GET, HEAD"}, {"Content-Type", std::string(kPlainText)}}, "GET only\n"};
    return server_->respond(request.conn, response);
  }
  if (path == "/readyz") return readiness(request.conn);
  ask({request.conn, path == "/metrics" ? Page::metrics : Page::health, metrics_format(header_of(request, "Accept")),
       accepts_gzip(header_of(request, "Accept-Encoding"))});
}

void OperatorServer::readiness(ConnId conn) {
  switch (source_.phase()) {
    case GatewayPhase::starting:
      return text(conn, 503, "starting");
    case GatewayPhase::ready:
      return text(conn, 200, "ok");
    case GatewayPhase::stopping:
      return text(conn, 503, "stopping");
  }
}

// Asks all lanes (threads of the gateway) for their figures, that is, counters and gauges. answer() then makes the page
// from them. While the gateway is starting, the lanes do not report yet, so this function answers at once: "ok" for
// /healthz, since a process that answers is healthy, and 503 for other pages.
void OperatorServer::ask(const Asking& asking) {
  if (source_.phase() == GatewayPhase::starting) {
    return asking.page == Page::health ? text(asking.conn, 200, "ok") : text(asking.conn, 503, "starting");
  }
  waiting_.push_back(asking);
  if (give_up_at_ == 0) gather();
}

void OperatorServer::gather() {
  asking_ = std::exchange(waiting_, {});
  give_up_at_ = EventLoop::now_ms() + patience_ms_;
  update_tick();
  source_.gather([this, serial = ++serial_](GatewayFigures figures) { gathered({serial, std::move(figures)}); });
}

// Passes the figures on to the thread of this server. Called on any thread.
void OperatorServer::gathered(Gathered result) {
  {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  }
  loop_.wake();
}

// Answers the requests that wait for figures (counters and gauges) of the lanes, the gateway's threads: with the
// figures if these have arrived, or with 503 if the time limit has passed. Ignores figures that arrive after the time
// limit. Also lets the admin page answer its own requests.
void OperatorServer::turn() {
  if (admin_) {
    admin_waits_ = admin_->turn(EventLoop::now_ms());
    update_tick();
  }
  std::optional<Gathered> result;
  {
    const std::lock_guard lock(mutex_);
    result.swap(result_);
  }
  if (give_up_at_ == 0) return;
  if (result && result->serial == serial_) {
    answer(result->figures);
  } else if (EventLoop::now_ms() >= give_up_at_) {
    for (const Asking& a : asking_) text(a.conn, 503, "a lane takes no turn");
    settled();
  }
}

void OperatorServer::answer(const GatewayFigures& figures) {
  for (const Asking& a : asking_) answer(a, figures);
  settled();
}

void OperatorServer::answer(const Asking& asking, const GatewayFigures& figures) {
  switch (asking.page) {
    case Page::health:
      return text(asking.conn, 200, "ok");
    case Page::metrics:
      return metrics(asking, figures);
    case Page::nodes:
      return admin_->nodes(asking.conn, figures, EventLoop::now_ms());
  }
}

void OperatorServer::metrics(const Asking& asking, const GatewayFigures& figures) {
  WebResponse response{
      200, {{"Content-Type", std::string(content_type(asking.format))}, {"Vary", "Accept-Encoding"}}, {}};
  response.body = metrics_text(metrics_page(figures), asking.format, created_);
  if (asking.gzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = gzip(response.body);
  }
  server_->respond(asking.conn, response);
}

void OperatorServer::update_tick() {
  loop_.tick(give_up_at_ != 0 || admin_waits_);
}

void OperatorServer::settled() {
  give_up_at_ = 0;
  update_tick();
  if (!waiting_.empty()) gather();
}

void OperatorServer::text(ConnId conn, unsigned status, std::string_view body) {
  respond(conn, status, kPlainText, std::string(body) + '\n');
}

void OperatorServer::respond(ConnId conn, unsigned status, std::string_view type, std::string body) {
  server_->respond(conn, WebResponse{status, {{"Content-Type", std::string(type)}}, std::move(body)});
}

}  // namespace resflow
