// The clock for statistics: monotonic, in nanoseconds. Only measurements use it; what the gateway does never depends on
// this clock. Any thread may call it.
#pragma once

#include <chrono>

#include "nodes/base/time.hpp"

namespace resflow {

inline Nanos clock_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace resflow
