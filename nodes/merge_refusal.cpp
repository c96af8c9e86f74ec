// Names whose events cannot be had: the messaging system refuses the subscription.
#include <algorithm>
#include <iterator>

#include "nodes/merge.hpp"

namespace resflow {

void Merge::on(SubscriptionRefused&& m) {
  const auto it = by_handle_.find(m.handle);
  if (it == by_handle_.end()) return;
  CachedName& name = *it->second;
  name.subscribed = false;
  if (m.why == SubscriptionRefusal::limit && name.in_use()) {
    if (make_room()) return subscribe_again(name);
    if (wait_for_room(name)) return;
  }
  give_up(name, refusal_error(m.why));
}

// The get requests that followed the refused subscription were not sent; of what was there before, events were missed.
void Merge::subscribe_again(CachedName& name) {
  subscribe_to_events(name);
  for (const auto& r : name.resources) {
    if (r->resetting()) {
      ask_again(*r, true);
    } else if (r->loaded()) {
      reset(*r);
    } else {
      get(*r, false, r->in_use() ? r->loading->waiting.begin()->second : 0);
    }
  }
}

// The record of the name stays while something of it is under way, and is let go as others are.
void Merge::give_up(CachedName& name, const ErrorPtr& error) {
  name.room_until = 0;
  while (!name.resources.empty()) {
    CachedResource& r = **std::prev(name.resources.end());
    if (r.loaded()) {
      end_subscriptions(r, error);
    } else {
      answer_waiting(r, error);
    }
    remove(r);
  }
  release(name);
}

// Lets go of some names that are kept though nobody uses them, those first that were let go last; false when there are
// none. What was wanted more than once stays. So who asks for ever new names makes room by his own, and does not take
// from others what they have used longer.
bool Merge::make_room() {
  constexpr int enough = 16;
  int freed = 0;
  while (freed < enough && !used_once_.empty()) {
    const auto [when, handle] = used_once_.back();
    used_once_.pop_back();
    const auto it = by_handle_.find(handle);
    if (it == by_handle_.end() || it->second->evict_at != when) continue;
    if (it->second->reused || it->second->in_use()) continue;
    if (it->second->subscribed) ++freed;
    evict(*it->second);
  }
  return freed > 0;
}

// Back-pressure before refusal: where many come at once, most of them are gone again soon.
bool Merge::wait_for_room(CachedName& name) {
  if (name.room_until == 0) name.room_until = now_ + limits_.room_wait;
  if (name.room_until <= now_) return false;
  waiting_.push_back(name.handle);
  return true;
}

// Those that are refused once more wait again.
void Merge::try_waiting() {
  constexpr std::size_t enough = 64;
  for (std::size_t i = std::min(enough, waiting_.size()); i > 0; --i) {
    const auto it = by_handle_.find(waiting_.front());
    waiting_.pop_front();
    if (it == by_handle_.end() || it->second->room_until == 0) continue;
    CachedName& name = *it->second;
    if (!name.in_use() || name.room_until <= now_) {
      give_up(name, errors::too_many_subscriptions);
    } else {
      subscribe_again(name);
    }
  }
}

}  // namespace resflow
