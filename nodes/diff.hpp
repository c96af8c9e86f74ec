// The diff node compares two states of one resource: the state in the cache, and a full state that a service has sent
// later. It finds the shortest list of events that leads from the one to the other (RES-Service protocol, "System reset
// event"). For a model this is one change event. For a collection, the events first remove values from the back to the
// front, and then add values from the front to the back. diff sets aside the common start and the common end of the two
// collections, and compares what is between them with Myers' O(N*D) algorithm.
//
// No I/O and no state. Two bounds limit the time and memory of a comparison. If more than kMaxEdits values differ, or
// the search would take more than kMaxSteps, diff keeps only values that occur once in each of the two collections.
// Then the events still lead to the right state, but the list may not be the shortest.
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
  // How many pairs of equal values the search may step over before diff gives up the search. So many steps take about 5
  // ms.
  static constexpr std::ptrdiff_t kMaxSteps = 4'000'000;

  static void process(DiffIn&& message, DiffOut& out);
};

std::vector<Edit> diff_models(const Properties& from, const Properties& to);
std::vector<Edit> diff_collections(const Values& from, const Values& to);

}  // namespace resflow
