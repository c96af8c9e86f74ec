// Time as nodes know it: it comes with messages, no node reads a clock. Of one clock that never goes back. Pure.
#pragma once

#include <cstdint>

namespace resflow {

using Millis = std::int64_t;

// For statistics only; 0 where nobody measures.
using Nanos = std::int64_t;

}  // namespace resflow
