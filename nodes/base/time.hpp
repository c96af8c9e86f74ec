// Types for time in nodes. Nodes never read a clock: the time comes to them in messages. It is the time of one clock,
// which never goes back. Pure.
#pragma once

#include <cstdint>

namespace resflow {

// A point in time or a duration, in milliseconds.
using Millis = std::int64_t;

// The same in nanoseconds, for statistics only. A point in time is 0 while nobody measures.
using Nanos = std::int64_t;

}  // namespace resflow
