// diff: a cached state and a full state of the same resource -> the least list of events that leads from one to the
// other (RES-Service protocol, "System reset event"). For a model, one change event; for a collection, removes from the
// back to the front and then adds from the front to the back, by Myers' O(N*D) algorithm on what is left when the
// common start and end are set aside.
//
// Pure and stateless. Time and memory are bounded, by the number of values and a constant: when more than kMaxEdits
// values differ, or more than kMaxSteps would be needed to find the least, the result is still right, but not always
// the least: only values that are unique on both sides are kept in place.
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
  static constexpr std::ptrdiff_t kMaxSteps = 4'000'000;  // equal values gone through: about 5 ms

  static void process(DiffIn&& message, DiffOut& out);
};

std::vector<Edit> diff_models(const Properties& from, const Properties& to);
std::vector<Edit> diff_collections(const Values& from, const Values& to);

}  // namespace resflow
