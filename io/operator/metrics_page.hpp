// The metrics of the gateway, as metric families (a family is a metric with all its labelled samples). They are made
// from the counters of the gateway's parts. The metrics of Resgate, the gateway that resflow replaces, come first. They
// keep their names, so that dashboards made for Resgate keep working. Then come resflow's own metrics, then the metrics
// of the process by their common names. OperatorServer calls metrics_page(). No I/O and no shared state; any thread may
// use it.
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

// Returns all metric families. Almost every counter is there from the start, with the value 0 until its event happens.
// Only the counters of closed connections, by close code and by reason, are missing until their code or reason first
// occurs.
std::vector<prometheus::MetricFamily> metrics_page(const GatewayFigures& figures);

}  // namespace resflow
