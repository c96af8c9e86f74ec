// Draws a report as an SVG picture with three charts: throughput over time, latency over time, and latency by
// percentile. Returns the picture as text. Any thread.
#pragma once

#include <string>

#include "tools/bench/report.hpp"

namespace resflow::bench {

std::string to_svg(const Report& report);

}  // namespace resflow::bench
