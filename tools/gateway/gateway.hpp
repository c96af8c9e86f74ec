// The gateway: lanes, their threads, and the connection to the services, put together and run until a signal, or until
// the messaging system is lost. Main thread.
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

  // Connects, listens, and runs. Returns the reason when it had to stop, an empty text when it was asked to. Throws
  // std::runtime_error when it cannot start.
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
  std::unique_ptr<CaptureControl> captures_;  // outlives the lanes, which have what it hands out
  std::unique_ptr<ServerTls> tls_;            // null: clients speak plain text
  std::unique_ptr<Admission> admission_;      // of the lanes' clients
  std::atomic<std::size_t> busy_lanes_ = 0;   // those with clients
  std::vector<std::unique_ptr<LaneLoop>> lanes_;
  std::unique_ptr<EmbeddedNats> embedded_nats_;  // null: services are on a server that others run
  std::unique_ptr<NatsClient> nats_;
  MetricsGatherer gatherer_;
  std::unique_ptr<OperatorServer> metrics_;  // asks the lanes and the connection, so it goes before them
  std::mutex failure_mutex_;
  std::string failure_;
};

}  // namespace resflow
