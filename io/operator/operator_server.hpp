// The HTTP server for those who run the gateway, on a port of its own. It serves /metrics (OpenMetrics), /healthz (do
// all lanes take turns?), /readyz (are clients accepted?) and, if it is configured, the admin page. It has a thread of
// its own, so a request for metrics does not delay a lane, and a lane that hangs is reported.
//
// Made, started and destroyed on the main thread.
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

// Provides what the server reports. Called on the server's thread.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual GatewayPhase phase() const = 0;
  // Has every lane copy its figures in its next turn. Calls `done` when all lanes have done so: once, on any thread;
  // never if a lane takes no turn. The next call comes after `done`, or after the caller has given up.
  virtual void gather(std::function<void(GatewayFigures)> done) = 0;
};

class OperatorServer final : private ClientSink {
 public:
  // The server listens when the constructor returns. Throws std::runtime_error, with address, port and reason, if it
  // cannot. `source` must outlive the server. `patience_ms` is how long the lanes may take to report their figures;
  // after that the answer is 503.
  OperatorServer(const WebServerOptions& options, MetricsSource& source, AdminOptions admin = {},
                 std::int64_t patience_ms = 5'000);
  ~OperatorServer() override;
  OperatorServer(const OperatorServer&) = delete;
  OperatorServer& operator=(const OperatorServer&) = delete;

  // Starts the thread, which answers requests from now on.
  void start();
  std::uint16_t port() const { return server_->port(); }

 private:
  // The pages that are made from the figures of the lanes, and a request for one, which waits for these figures.
  enum class Page : std::uint8_t { health, metrics, nodes };
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
  std::vector<Asking> asking_;   // requests that get the figures being gathered now
  std::vector<Asking> waiting_;  // requests that get the next figures, which must not be older than the request
  std::uint64_t serial_ = 0;     // number of the gathering under way
  std::int64_t give_up_at_ = 0;  // when that gathering fails, in milliseconds; 0: none is under way
  bool admin_waits_ = false;     // the admin page must be called now and then

  std::mutex mutex_;
  std::optional<Gathered> result_;
};

}  // namespace resflow
