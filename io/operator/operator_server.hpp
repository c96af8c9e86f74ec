// The HTTP server for those who run the gateway, on a port of its own. It serves /metrics (OpenMetrics), /healthz (does
// every lane still respond?), /readyz (does the gateway accept clients?) and, if it is configured, the admin page. A
// lane is one of the threads that serve clients. This server has another thread, so a request for metrics does not
// delay a lane, and the server can report a lane that hangs.
//
// The main thread creates, starts and destroys the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "io/event_loop.hpp"
#include "io/operator/admin_pages.hpp"
#include "io/operator/metrics_page.hpp"
#include "io/operator/metrics_text.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

enum class GatewayPhase : std::uint8_t { starting, ready, stopping };

// Provides the figures that the server reports. The server calls these functions on its own thread.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual GatewayPhase phase() const = 0;
  // Makes every lane (thread of the gateway) copy its figures. Calls `done` once, on any thread, when all lanes have
  // copied their figures. If a lane hangs, `done` is never called. The caller calls gather() again only after `done`,
  // or after it has given up waiting.
  virtual void gather(std::function<void(GatewayFigures)> done) = 0;
};

class OperatorServer final : private ClientSink {
 public:
  // The server listens when the constructor returns. Throws std::runtime_error, with address, port and reason, if the
  // server cannot listen. `source` must outlive the server. `patience_ms` is how long the lanes (threads of the
  // gateway) may take to report their figures. After that time, the server answers the HTTP request with 503.
  OperatorServer(const WebServerOptions& options, MetricsSource& source, AdminOptions admin = {},
                 std::int64_t patience_ms = 5'000);
  ~OperatorServer() override;
  OperatorServer(const OperatorServer&) = delete;
  OperatorServer& operator=(const OperatorServer&) = delete;

  // Starts the thread, which answers requests from now on.
  void start();
  std::uint16_t port() const { return server_->port(); }

 private:
  // The pages that the server can send only after all lanes (threads of the gateway) have reported their figures.
  enum class Page : std::uint8_t { health, metrics, nodes };
  // A request for one of these pages. It is answered when all lanes have reported their figures.
  struct Asking {
    ConnId conn;
    Page page = Page::health;
    MetricsFormat format = MetricsFormat::openmetrics;
    bool gzip = false;
  };
  struct Gathered {
    std::uint64_t serial = 0;
    GatewayFigures figures;
  };

  void connected(Connected client) override;
  void frame(ConnId, std::string) override {}
  void request(WebRequest request) override;
  void disconnected(ConnId) override {}
  void writable(ConnId) override {}

  void readiness(ConnId conn);
  void ask(const Asking& asking);
  void gather();
  void gathered(Gathered result);
  void turn();
  void answer(const GatewayFigures& figures);
  void answer(const Asking& asking, const GatewayFigures& figures);
  void metrics(const Asking& asking, const GatewayFigures& figures);
  void update_tick();
  void settled();
  void text(ConnId conn, unsigned status, std::string_view body);
  void respond(ConnId conn, unsigned status, std::string_view type, std::string body);

  MetricsSource& source_;
  const std::int64_t patience_ms_;
  const double created_;  // when the gateway began to count, in seconds since 1970
  EventLoop loop_;
  std::unique_ptr<WebServer> server_;
  std::unique_ptr<AdminPages> admin_;  // null: there is no admin page
  std::thread thread_;
  std::vector<Asking> asking_;  // requests that wait for the result of the present call of source_.gather()
  // Requests that came after the present call of source_.gather() had begun. They wait for the next call, because the
  // figures in an answer must not be older than the request.
  std::vector<Asking> waiting_;
  std::uint64_t serial_ = 0;     // number of the last call of source_.gather()
  std::int64_t give_up_at_ = 0;  // when the server stops waiting for source_.gather(), in ms; 0: it does not wait
  bool admin_waits_ = false;     // true: admin_ waits for table rows; turn() must run regularly to check the time limit

  std::mutex mutex_;
  std::optional<Gathered> result_;
};

}  // namespace resflow
