// The metrics of the gateway: what its parts have counted, as metric families. First Resgate's, by its names, so that
// dashboards made for it go on; then resflow's own; then those of the process by their common names. Pure; any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "io/operator/process_usage.hpp"
#include "io/web/web_server.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct LaneFigures {
  LaneStatistics nodes;
  WebServerCounters clients;
};

struct GatewayFigures {
  std::string version;
  std::string protocol;
  std::vector<LaneFigures> lanes;
  NatsTraffic nats;
  std::array<std::uint64_t, 4> log_lines{};  // by LogLevel
  ProcessUsage process;
};

// The same families, with the same labels, for whatever figures there are: what has not happened is 0, not missing. But
// close codes and reasons of closing come when they are first used.
std::vector<prometheus::MetricFamily> metrics_page(const GatewayFigures& figures);

}  // namespace resflow
