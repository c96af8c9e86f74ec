// What bounds the cache of a lane. Set at start; pure.
#pragma once

#include <cstddef>

#include "nodes/time.hpp"

namespace resflow {

struct MergeLimits {
  Millis keep_unused = 5'000;
  Millis reset_retry = 5'000;
  std::size_t deferred = 65'536;             // messages of one name that wait
  std::size_t bytes = std::size_t{1} << 30;  // that the cache takes
  // Units of work in one piece: a resource that is asked for or told of, a message that waited, an event, a name.
  std::size_t piece = 4'096;
  // For a subscription to end, where there are as many as the messaging system allows.
  Millis room_wait = 1'000;
};

}  // namespace resflow
