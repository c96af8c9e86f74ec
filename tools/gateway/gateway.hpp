// The gateway as a whole. It creates the lanes (parallel pipelines, one thread each) and the connection to NATS, which
// leads to the services. It connects the lanes with each other and with NATS. Then it runs until a signal stops it or
// the connection to NATS is lost for good.
//
// main() makes one instance. All calls are on the main thread, except fail(), which any thread may call.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/capture/capture_control.hpp"
#include "io/config/config.hpp"
#include "io/log.hpp"
#include "io/nats/embedded_nats.hpp"
#include "io/nats/nats_client.hpp"
#include "io/operator/operator_server.hpp"
#include "io/tls/server_tls.hpp"
#include "io/web/admission.hpp"
#include "tools/gateway/lane_loop.hpp"
#include "tools/gateway/metrics_gatherer.hpp"

namespace resflow {

class Gateway {
 public:
  Gateway(const Config& config, Log& log);
  ~Gateway();

  // Connects to NATS, listens for clients, and serves them until the gateway stops. If a signal stopped the gateway,
  // returns an empty text. If an error stopped it, returns the reason. Throws std::runtime_error if the gateway cannot
  // start.
  std::string run();

 private:
  NatsOptions nats_options() const;
  PipelineOptions pipeline_options() const;
  LaneOptions lane_options(LaneId id) const;
  WebServerOptions client_options(LaneId id, std::uint16_t port) const;
  std::string url(std::uint16_t port) const;
  void open_metrics();
  void connect();
  void open_admission();
  void open_lanes();
  void run_lanes();
  void on_signal(int number);
  void load_certificate();
  void stop();
  void fail(std::string reason);

  const Config& config_;
  Log& log_;
  std::unique_ptr<CaptureControl> captures_;  // records the traffic; outlives the lanes, which write to it
  std::unique_ptr<ServerTls> tls_;            // null: clients connect without TLS
  std::unique_ptr<Admission> admission_;      // limits the client connections of all lanes
  std::atomic<std::size_t> busy_lanes_ = 0;   // how many lanes still have clients or accept new ones
  std::vector<std::unique_ptr<LaneLoop>> lanes_;
  std::unique_ptr<EmbeddedNats> embedded_nats_;  // null: the NATS server is another process
  std::unique_ptr<NatsClient> nats_;
  MetricsGatherer gatherer_;
  // The server for metrics and the admin page; null without a metrics port. It reads the counters of the lanes and of
  // nats_. So it is declared after them, and is destroyed before them.
  std::unique_ptr<OperatorServer> metrics_;
  // Guards failure_.
  std::mutex failure_mutex_;
  // The error that stopped the gateway; empty if no error occurred.
  std::string failure_;
};

}  // namespace resflow
