// What all lanes have counted, added up. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "io/operator/metrics_page.hpp"

namespace resflow {

// Without what is told of each node apart.
LaneFigures total(const std::vector<LaneFigures>& lanes);

std::uint64_t open_websockets(const WebServerCounters& counters);

}  // namespace resflow
