// Adds up what all lanes (the threads of the gateway) have counted. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>
#include <vector>

#include "io/operator/metrics_page.hpp"

namespace resflow {

// Returns the sums over all lanes. The result has no figures of single nodes and edges.
LaneFigures total(const std::vector<LaneFigures>& lanes);

// Returns how many WebSockets are open now.
std::uint64_t open_websockets(const WebServerCounters& counters);

}  // namespace resflow
