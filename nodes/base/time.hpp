// Types for time in nodes (the classes with the gateway's logic). Nodes never read a clock: the time comes to them in
// messages. All of these times come from one clock, which never goes back. No I/O and no shared state.
#pragma once

#include <cstdint>

namespace resflow {

// A point in time or a duration, in milliseconds.
using Millis = std::int64_t;

// A point in time or a duration, in nanoseconds, for statistics only. 0 as a point in time means: not measured.
using Nanos = std::int64_t;

}  // namespace resflow
