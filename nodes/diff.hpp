// The diff node compares two states of one resource: the cached state, and a newer one that a service has sent. It
// finds the shortest list of events that turns the cached state into the newer one (RES-Service protocol, "System reset
// event"). For a model (a JSON object), this is one change event. For a collection (a list), these are remove events
// from the back to the front, then add events from the front to the back. What both collections have in common at the
// start and at the end is skipped; the rest is compared with the O(N*D) algorithm of Myers.
//
// Two bounds limit the time and memory of a comparison: kMaxEdits and kMaxSteps. If one is exceeded, a simpler method
// is used. It keeps in place only values that occur once in each of the two collections, as many as possible in the
// same order; it removes all other old values, and adds all other new ones. The events still lead to the newer state,
// but the list may not be the shortest.
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
  // The search is given up when it has found equal values at more pairs of positions than this, after about 5 ms.
  static constexpr std::ptrdiff_t kMaxSteps = 4'000'000;

  static void process(DiffIn&& message, DiffOut& out);
};

std::vector<Edit> diff_models(const Properties& from, const Properties& to);
std::vector<Edit> diff_collections(const Values& from, const Values& to);

}  // namespace resflow
