#include "nodes/session/holdings.hpp"

#include <algorithm>

#include "nodes/base/check.hpp"

namespace resflow {

namespace {

// Returns true if nothing is recorded any more about the item (a resource): the client is not subscribed to it, no
// other item refers to it, and it refers to no other.
[[maybe_unused]] bool is_gone(const Held& item) {
  return !item.held && item.direct == 0 && item.indirect == 0 && item.references.empty();
}

}  // namespace

void Holdings::refer(Held& from, Held& to) {
  from.references.push_back(&to);
  ++to.indirect;
}

void Holdings::unrefer(Held& from, Held& to) {
  const auto last = std::find(from.references.rbegin(), from.references.rend(), &to);
  if (last == from.references.rend()) return;
  *last = from.references.back();
  from.references.pop_back();
  --to.indirect;
  candidates_.push_back(&to);
}

void Holdings::unrefer_all(Held& from) {
  for (Held* to : from.references) {
    --to->indirect;
    candidates_.push_back(to);
  }
  from.references.clear();
}

void Holdings::unsubscribe(Held& item, std::uint32_t count) {
  item.direct -= std::min(count, item.direct);
  candidates_.push_back(&item);
}

std::vector<Held*> Holdings::collect() {
  Items gone;
  traced_ = 0;
  const Items suspects = let_go_by_count(gone);
  if (!suspects.empty()) let_go_cycles(suspects, gone);
  RESFLOW_DEBUG_CHECK(std::all_of(gone.begin(), gone.end(), [](const Held* item) { return is_gone(*item); }));
  return gone;
}

// Looks at candidates_, the items that have lost a reference or a subscription. The client no longer holds an item that
// has no direct subscription and no reference to it: moves such items to `gone`. Returns the suspects. These are items
// without a direct subscription that have references in both directions: each may be part of a cycle of items to which
// nothing else refers.
Holdings::Items Holdings::let_go_by_count(Items& gone) {
  Items suspects;
  while (!candidates_.empty()) {
    Held& item = *candidates_.back();
    candidates_.pop_back();
    if (!item.held || item.direct > 0) continue;
    if (item.indirect > 0) {
      if (!item.references.empty()) suspects.push_back(&item);
      continue;
    }
    unrefer_all(item);
    item.held = false;
    gone.push_back(&item);
  }
  return suspects;
}

// Returns the suspects, and all items that can be reached from them by references. A suspect is an item that may be
// part of a cycle to which nothing else refers. Leaves out items with a direct subscription, and does not follow their
// references: the client holds such an item, and all that it refers to, in any case. Also leaves out items that are no
// longer held.
Holdings::Items Holdings::gather(const Items& suspects) const {
  Items reachable;
  const auto enter = [&](Held* item) {
    if (!item->held || item->direct > 0 || item->mark == epoch_) return;
    item->mark = epoch_;
    item->trial = item->indirect;
    reachable.push_back(item);
  };
  for (Held* suspect : suspects) enter(suspect);
  for (std::size_t i = 0; i < reachable.size(); ++i) {
    for (Held* to : reachable[i]->references) enter(to);
  }
  return reachable;
}

// Finds items that are only held because they refer to each other, and moves them to `gone`. Uses trial deletion: takes
// the group of all items that the suspects' references lead to, and counts for each item the references from outside
// the group. An item with such a reference is kept, and so is everything that a kept item refers to. All others are
// gone.
void Holdings::let_go_cycles(const Items& suspects, Items& gone) {
  epoch_ += 2;
  const std::uint32_t kept = epoch_ + 1;
  const Items reachable = gather(suspects);
  traced_ = reachable.size();
  // Subtract the references that come from items in `reachable`. `trial` then counts only those from other items.
  for (Held* item : reachable) {
    for (Held* to : item->references) {
      if (to->mark == epoch_) --to->trial;
    }
  }
  Items keep;
  const auto retain = [&](Held* item) {
    if (item->mark != epoch_) return;
    item->mark = kept;
    keep.push_back(item);
  };
  for (Held* item : reachable) {
    if (item->trial > 0) retain(item);
  }
  while (!keep.empty()) {
    Held* item = keep.back();
    keep.pop_back();
    for (Held* to : item->references) retain(to);
  }
  for (Held* item : reachable) {
    if (item->mark != epoch_) continue;
    for (Held* to : item->references) --to->indirect;
    item->references.clear();
    item->held = false;
    gone.push_back(item);
  }
  ++epoch_;
}

}  // namespace resflow
