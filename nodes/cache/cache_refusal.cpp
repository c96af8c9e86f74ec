// Handles names for which NATS refuses the subscription to events. If the reason is that there are too many
// subscriptions, the cache ends subscriptions of unused names, or waits, and subscribes again. If this does not help,
// or for another reason, it gives the name up: subscribers get an error.
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

// Subscribes to the events of the name again, and asks for the states of all its resources. Loaded resources may have
// missed events, and for the others no get request was sent while there was no subscription.
void Cache::subscribe_again(CachedName& name) {
  name.waiting.unlink();
  subscribe_to_events(name);
  sweep(name, Sweep{.name_handle = name.handle, .anew = true});
}

// Called for each resource of a name after the cache has subscribed to the events of the name again: asks the service
// for the state of the resource.
void Cache::want_anew(CachedResource& r) {
  if (r.loaded() && (!r.resetting() || r.comparison)) {
    reset(r);
  } else {
    ask_again(r);
  }
}

// Removes all resources with this name, whatever their query. Sends `error` to all subscribers and to all tickets
// (subscriptions that wait for a state). The record of the name stays until it is evicted, like any unused name.
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

// Makes room for another NATS subscription: evicts up to 16 unused names, which ends their subscriptions. Returns false
// if it could evict none. Evicts only names that clients have asked for once, starting with the name that became unused
// last. So a client that asks for ever new names loses only its own names, not those that others use again and again.
bool Cache::end_some_subscriptions() {
  constexpr int enough = 16;
  int freed = 0;
  while (freed < enough && !used_once_.empty()) {
    CachedName& latest = used_once_.back();
    if (latest.in_use()) {
      // Messages about the name wait, so it is in use: takes it out of used_once_. Later, drain() puts it back.
      latest.keep();
    } else {
      evict(latest);
      ++freed;
    }
  }
  return freed > 0;
}

// Puts the name into the list of names whose subscription NATS refused because there are too many. try_waiting() tries
// them again, since other subscriptions may have ended meanwhile. Returns false if the name has already waited for
// CacheLimits::room_wait.
bool Cache::wait_for_room(CachedName& name) {
  if (name.room_until == 0) name.room_until = now_ + limits_.room_wait;
  if (name.room_until <= now_) return false;
  if (!name.waiting.is_linked()) waiting_.push_back(name);
  return true;
}

// Tries the refused subscriptions of up to 64 names again; a name that is refused once more waits again. Gives up names
// that have waited for CacheLimits::room_wait, and names that nobody uses any more.
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
