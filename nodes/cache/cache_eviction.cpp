// Decides when the cache removes a record. A name that nobody uses is kept for CacheLimits::keep_unused (5 s) and then
// evicted, or earlier if room is needed. A resource with a query is removed as soon as nobody uses it.
#include <utility>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// Called when the last user of the name has perhaps gone. If nobody uses the name now, puts it into the list of unused
// names, with the time at which to evict it.
void Cache::release(CachedName& name) {
  if (name.in_use() || name.unused.is_linked()) return;
  name.evict_at = now_ + limits_.keep_unused;
  unused_.push_back(name);
  if (name.subscribed && !name.reused) used_once_.push_back(name);
}

// Removes an unused name and unsubscribes from its events. Such a name has at most one resource, the one without a
// query, because use_changed() has removed the others.
void Cache::evict(CachedName& name) {
  out_->ask.emplace_back(ServiceUnsubscribe{name.handle});
  while (CachedResource* r = name.resources.first()) remove(*r);
  if (reset_at_ == &name) pass_by(name);
  counters_.bytes -= bytes_of(name);
  by_handle_.erase(name.handle);
  names_.remove(std::string_view(name.name));
}

// Called when a resource may have gained its first subscriber or lost its last one. Corrects CachedName::used, the
// number of used resources. Removes an unused resource with a query at once, since it would cost query requests to keep
// it up to date.
void Cache::use_changed(CachedResource& r) {
  CachedName& name = *r.name;
  const bool used = r.in_use();
  if (used) {
    name.keep();
    name.used += r.used ? 0 : 1;
    r.used = true;
    return;
  }
  name.used -= r.used ? 1 : 0;
  r.used = false;
  if (!r.query().empty()) remove(r);
  release(name);
}

// Evicts unused names, oldest first, until the cache takes less than its limit of bytes. Returns false if no unused
// name is left and the cache is still not below the limit.
bool Cache::make_room() {
  while (counters_.bytes >= limits_.bytes && !unused_.empty()) {
    CachedName& oldest = unused_.front();
    if (oldest.in_use()) {
      oldest.keep();
    } else {
      evict(oldest);
    }
  }
  return counters_.bytes < limits_.bytes;
}

// Refuses the tickets (subscriptions that wait for a state) with the error "cache full". Logs only the first refusal
// since the cache last had room.
void Cache::refuse_for_room(Tickets&& tickets) {
  counters_.refused += tickets.size();
  refuse(std::move(tickets), errors::cache_full);
  if (std::exchange(full_, true)) return;
  full_since_ = now_;
  log_.log(LogLevel::error, "The cache is full: it takes " + std::to_string(counters_.bytes) + " bytes of " +
                                std::to_string(limits_.bytes) + ", and what is new is refused");
}

// Logs that the cache has room again. For this, an eighth of the limit must be free, and a second must have passed
// since the cache logged that it is full; so the two log messages do not alternate quickly.
void Cache::see_whether_there_is_room() {
  constexpr Millis at_least = 1'000;
  if (!full_ || now_ < full_since_ + at_least) return;
  if (counters_.bytes >= limits_.bytes - limits_.bytes / 8) return;
  full_ = false;
  log_.log(LogLevel::info, "The cache has room again");
}

// Evicts the unused names at their evict_at, and repeats failed get requests at their retry_at. Returns false if some
// are left for later, because the limit of work is reached.
bool Cache::continue_work(Due&) {
  while (!unused_.empty() && unused_.front().evict_at <= now_) {
    if (!spend(1)) return false;
    CachedName& name = unused_.front();
    if (name.in_use()) {
      // Messages about the name wait, so it is in use: takes it out of unused_. Later, drain() puts it back.
      name.keep();
    } else {
      evict(name);
    }
  }
  while (!retries_.empty() && retries_.front().retry_at <= now_) {
    if (!spend(1)) return false;
    CachedResource::Refresh& refresh = retries_.front();
    refresh.retries.unlink();
    get(*find(refresh.resource), true, refresh.throttle);
  }
  due_at_work_ = false;
  return true;
}

}  // namespace resflow
