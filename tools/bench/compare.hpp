// Two reports of one mode side by side, with the ratio of each figure they share. Pure.
#pragma once

#include <string>

#include "tools/bench/report.hpp"

namespace resflow::bench {

// Throws UsageError when they are of different modes.
std::string compare(const Report& a, const Report& b);

}  // namespace resflow::bench
