#include "nodes/session/holdings.hpp"

#include <algorithm>

#include "nodes/base/check.hpp"

namespace resflow {

namespace {

// What is let go of has nothing left that would keep it, or keep others.
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

const std::vector<Held*>& Holdings::collect() {
  gone_.clear();
  traced_ = 0;
  let_go_by_count();
  if (!suspects_.empty()) let_go_cycles();
  RESFLOW_DEBUG_CHECK(std::all_of(gone_.begin(), gone_.end(), [](const Held* item) { return is_gone(*item); }));
  return gone_;
}

// Lets go of the candidates that no subscription and no reference holds. A candidate with references to it may be held
// by a cycle alone, so it becomes a suspect.
void Holdings::let_go_by_count() {
  suspects_.clear();
  while (!candidates_.empty()) {
    Held& item = *candidates_.back();
    candidates_.pop_back();
    if (!item.held || item.direct > 0) continue;
    if (item.indirect > 0) {
      if (!item.references.empty()) suspects_.push_back(&item);
      continue;
    }
    unrefer_all(item);
    let_go(item);
  }
}

// Collects everything that is reachable from the suspects. It stops at a direct subscription, which stays held whatever
// happens.
void Holdings::gather(std::vector<Held*>& reachable) {
  const auto enter = [&](Held* item) {
    if (!item->held || item->direct > 0 || item->mark == epoch_) return;
    item->mark = epoch_;
    item->trial = item->indirect;
    reachable.push_back(item);
  };
  for (Held* suspect : suspects_) enter(suspect);
  for (std::size_t i = 0; i < reachable.size(); ++i) {
    for (Held* to : reachable[i]->references) enter(to);
  }
}

// Trial deletion: finds the items that only hold each other, and lets go of them.
void Holdings::let_go_cycles() {
  epoch_ += 2;
  const std::uint32_t kept = epoch_ + 1;
  std::vector<Held*> reachable;
  gather(reachable);
  traced_ = reachable.size();
  // Subtract the references from within. The references that are left come from outside.
  for (Held* item : reachable) {
    for (Held* to : item->references) {
      if (to->mark == epoch_) --to->trial;
    }
  }
  std::vector<Held*> keep;
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
    let_go(*item);
  }
  ++epoch_;
}

void Holdings::let_go(Held& item) {
  item.held = false;
  gone_.push_back(&item);
}

}  // namespace resflow
