// The pages for those who run the gateway, over HTTP on a port of their own: /metrics (OpenMetrics), /healthz (all
// lanes take turns), /readyz (clients are taken) and, when that is wanted, the admin page. On a thread of its own: a
// scrape does not hold a lane up, and a lane that hangs is told of.
//
// Made, started and ended on the main thread.
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

// Who knows what is told. Called on the server's thread.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual GatewayPhase phase() const = 0;
  // Has every lane copy its figures in its next turn, and calls `done` when all have: once, on any thread, or never
  // when a lane takes no turn. The next call is made when that is settled or given up.
  virtual void gather(std::function<void(GatewayFigures)> done) = 0;
};

class OperatorServer final : private ClientSink {
 public:
  // Listens when it returns. Throws std::runtime_error, which names address, port and reason, if it cannot. `source`
  // outlives the server.
  // `patience_ms` is how long the lanes may take to answer; then the answer is 503.
  OperatorServer(const WebServerOptions& options, MetricsSource& source, AdminOptions admin = {},
                 std::int64_t patience_ms = 5'000);
  ~OperatorServer() override;
  OperatorServer(const OperatorServer&) = delete;
  OperatorServer& operator=(const OperatorServer&) = delete;

  void start();
  std::uint16_t port() const { return server_->port(); }

 private:
  // A request that is answered when the lanes have.
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
  std::vector<Asking> asking_;   // for the figures being gathered,
  std::vector<Asking> waiting_;  // and for those after them: what they tell is no older than the request
  std::uint64_t serial_ = 0;     // of the gathering under way
  std::int64_t give_up_at_ = 0;  // 0: none is
  bool admin_waits_ = false;

  std::mutex mutex_;
  std::optional<Gathered> result_;
};

}  // namespace resflow
