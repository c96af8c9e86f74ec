// diff: finds the shortest list of events that leads from a cached state to a full state of the same resource
// (RES-Service protocol, "System reset event"). For a model this is one change event. For a collection, the events
// first remove values from the back to the front, and then add values from the front to the back. diff sets aside the
// common start and the common end of the two collections, and compares the rest with Myers' O(N*D) algorithm.
//
// Pure and stateless. Time and memory are bounded by the number of values and a constant. If more than kMaxEdits values
// differ, or the search would take more than kMaxSteps, the events still lead to the right state, but the list may not
// be the shortest: then diff keeps only values that occur once in each of the two collections.
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
  // The most steps over equal values that the search may take. This number of steps takes about 5 ms.
  static constexpr std::ptrdiff_t kMaxSteps = 4'000'000;

  static void process(DiffIn&& message, DiffOut& out);
};

std::vector<Edit> diff_models(const Properties& from, const Properties& to);
std::vector<Edit> diff_collections(const Values& from, const Values& to);

}  // namespace resflow
