// The clock for statistics: a monotonic clock in nanoseconds. No decision of the gateway depends on it. Any thread may
// call it.
#pragma once

#include <chrono>

#include "nodes/base/time.hpp"

namespace resflow {

inline Nanos clock_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace resflow
