// Compares the reports of two benchmark runs of the same mode: shows side by side the numbers that are in both reports,
// with their ratio. Plain functions, without I/O.
#pragma once

#include <string>

#include "tools/bench/report.hpp"

namespace resflow::bench {

// Returns the comparison as a text for the terminal. Throws UsageError if the modes differ.
std::string compare(const Report& a, const Report& b);

}  // namespace resflow::bench
