// Types for points in time and durations. Used by the nodes, the classes with the gateway's logic. Nodes never read a
// clock: messages tell them the time. All these times come from one clock, which never goes back.
#pragma once

#include <cstdint>

namespace resflow {

// A point in time or a duration, in milliseconds.
using Millis = std::int64_t;

// A point in time or a duration, in nanoseconds, for statistics only. A point in time of 0 means: not measured.
using Nanos = std::int64_t;

}  // namespace resflow
