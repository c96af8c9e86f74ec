// The metrics of the gateway, as metric families (a family is a metric with all its labelled samples). They are made
// from the counters of the gateway's parts. Resgate's metrics come first, by Resgate's names, so that dashboards made
// for Resgate keep working. Then come resflow's own metrics, then the metrics of the process by their common names.
// OperatorServer calls metrics_page(). No I/O and no shared state; any thread may use it.
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
  std::string protocol;  // version of the RES-Client protocol
  std::vector<LaneFigures> lanes;
  NatsTraffic nats;
  std::array<std::uint64_t, 4> log_lines{};  // number of log lines of each LogLevel
  ProcessUsage process;
};

// Returns all metric families. They always have the same metrics and labels: the counter of an event that has not
// happened yet is 0, not missing. There is one exception: closed connections are counted by close code and by reason,
// and such a counter is missing until its code or reason first occurs.
std::vector<prometheus::MetricFamily> metrics_page(const GatewayFigures& figures);

}  // namespace resflow
