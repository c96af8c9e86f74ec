// Gathers what the lanes, the connection to the services, the log and the process have counted. Each lane copies its
// own figures on its own thread, between two turns, so that nothing in it is locked or shared.
//
// Made on the main thread, which says when the gateway is ready and when it stops; asked by the metrics server.
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

  // The lanes are about to run, and take clients. They and the connection stay until the metrics server has ended.
  void ready(const std::vector<std::unique_ptr<LaneLoop>>& lanes, const NatsClient& nats);
  // Any thread.
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
  std::atomic<bool> ready_ = false;  // and what is above will not change any more
  std::atomic<bool> stopping_ = false;
};

}  // namespace resflow
