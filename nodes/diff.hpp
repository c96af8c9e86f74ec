// diff: finds the shortest list of events that leads from a cached state to a full state of the same resource
// (RES-Service protocol, "System reset event"). For a model this is one change event. For a collection, values are
// removed from the back to the front, and then added from the front to the back. The common start and end of the two
// collections are set aside; the rest is compared with Myers' O(N*D) algorithm.
//
// Pure and stateless. Time and memory are bounded by the number of values and a constant. If more than kMaxEdits values
// differ, or the search would take more than kMaxSteps, the result is still right, but it may not be the shortest: only
// values that occur once on both sides are kept in place.
#pragma once

#include <vector>

#include "nodes/messages.hpp"

namespace resflow {

struct DiffOut {
  std::vector<CacheIn> cache;
};

class Diff {
 public:
  static constexpr std::size_t kMaxEdits = 1'000;
  static constexpr std::ptrdiff_t kMaxSteps = 4'000'000;  // comparisons of equal values, about 5 ms

  static void process(DiffIn&& message, DiffOut& out);
};

std::vector<Edit> diff_models(const Properties& from, const Properties& to);
std::vector<Edit> diff_collections(const Values& from, const Values& to);

}  // namespace resflow
