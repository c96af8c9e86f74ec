// A report as a picture (SVG): throughput and latency over the run, and latency by the part of all that it covers.
// Pure.
#pragma once

#include <string>

#include "tools/bench/report.hpp"

namespace resflow::bench {

std::string to_svg(const Report& report);

}  // namespace resflow::bench
