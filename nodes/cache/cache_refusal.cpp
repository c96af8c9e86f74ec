// Names whose events cannot be had: the messaging system refuses the subscription.
#include "nodes/cache/cache.hpp"

namespace resflow {

void Cache::on(SubscriptionRefused&& m) {
  CachedName* name = find_name(m.handle);
  if (name == nullptr) return;
  name->subscribed = false;
  name->used_once.unlink();
  if (m.why == SubscriptionRefusal::limit && name->in_use()) {
    if (end_some_subscriptions()) return subscribe_again(*name);
    if (wait_for_room(*name)) return;
  }
  give_up(*name, refusal_error(m.why));
}

// The get requests that followed the refused subscription were not sent; of what was there before, events were missed.
void Cache::subscribe_again(CachedName& name) {
  name.waiting.unlink();
  subscribe_to_events(name);
  sweep(name, Sweep{.name_handle = name.handle, .anew = true});
}

void Cache::want_anew(CachedResource& r) {
  if (r.loaded() && (!r.resetting() || r.comparison)) {
    reset(r);
  } else {
    ask_again(r);
  }
}

// The record of the name stays while something of it is under way, and is let go as others are.
void Cache::give_up(CachedName& name, const ErrorPtr& error) {
  name.room_until = 0;
  name.waiting.unlink();
  while (CachedResource* r = name.resources.first()) {
    if (r->loaded()) {
      end_subscriptions(*r, {}, error);
    } else {
      answer_waiting(*r, error);
    }
    remove(*r);
  }
  release(name);
}

// Lets go of some names that are kept though nobody uses them, those first that were let go last; false when there are
// none. What was wanted more than once stays. So who asks for ever new names makes room by his own, and does not take
// from others what they have used longer.
bool Cache::end_some_subscriptions() {
  constexpr int enough = 16;
  int freed = 0;
  while (freed < enough && !used_once_.empty()) {
    CachedName& latest = used_once_.back();
    if (latest.in_use()) {
      latest.keep();  // a diff or query is out: its end releases the name anew
    } else {
      evict(latest);
      ++freed;
    }
  }
  return freed > 0;
}

// Back-pressure before refusal: where many come at once, most of them are gone again soon.
bool Cache::wait_for_room(CachedName& name) {
  if (name.room_until == 0) name.room_until = now_ + limits_.room_wait;
  if (name.room_until <= now_) return false;
  if (!name.waiting.is_linked()) waiting_.push_back(name);
  return true;
}

// Those that are refused once more wait again.
void Cache::try_waiting() {
  constexpr int enough = 64;
  for (int i = 0; i < enough && !waiting_.empty(); ++i) {
    CachedName& name = waiting_.front();
    if (!name.in_use() || name.room_until <= now_) {
      give_up(name, errors::too_many_subscriptions);
    } else {
      subscribe_again(name);
    }
  }
}

}  // namespace resflow
