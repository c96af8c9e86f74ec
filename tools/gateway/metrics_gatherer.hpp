// Collects the counters of the lanes (parallel pipelines, one thread each), the NATS connection, the log and the
// process, for the metrics and the admin page. Each lane copies its own counters on its own thread. So the counters
// need no locks.
//
// The main thread makes the MetricsGatherer, and tells it when the gateway is ready and when the gateway stops. The
// thread of the metrics server calls the other functions.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "io/log.hpp"
#include "io/nats/nats_client.hpp"
#include "io/operator/operator_server.hpp"
#include "tools/gateway/lane_loop.hpp"

namespace resflow {

class MetricsGatherer final : public MetricsSource, public AdminSource {
 public:
  explicit MetricsGatherer(const Log& log) : log_(log) {}

  // Notes that all lanes exist and are about to run and accept clients. Called once, on the main thread. The lanes and
  // `nats` must outlive the metrics server.
  void ready(const std::vector<std::unique_ptr<LaneLoop>>& lanes, const NatsClient& nats);
  // Any thread: notes that the gateway begins to stop.
  void stopping() { stopping_ = true; }

  GatewayPhase phase() const override;
  void gather(std::function<void(GatewayFigures)> done) override;
  void list(AdminQuery query, std::function<void(AdminRows)> done) override;

 private:
  struct Gathering;
  struct Listing;

  const Log& log_;
  std::vector<LaneLoop*> lanes_;
  const NatsClient* nats_ = nullptr;
  std::atomic<bool> ready_ = false;  // true: lanes_ and nats_ are set and do not change any more
  std::atomic<bool> stopping_ = false;
};

}  // namespace resflow
