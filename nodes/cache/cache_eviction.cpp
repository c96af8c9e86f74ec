// Decides when the cache removes a record. A name that nobody uses is kept for CacheLimits::keep_unused (5 s) and then
// evicted, or earlier if room is needed. A resource with a query is removed as soon as nobody uses it.
#include <utility>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// Called when the name may have become unused. If it has, its time until eviction begins.
void Cache::release(CachedName& name) {
  if (name.in_use() || name.unused.is_linked()) return;
  name.evict_at = now_ + limits_.keep_unused;
  unused_.push_back(name);
  if (name.subscribed && !name.reused) used_once_.push_back(name);
}

// Removes an unused name. Its query resources are removed already; what is left has no subscribers.
void Cache::evict(CachedName& name) {
  out_->ask.emplace_back(ServiceUnsubscribe{name.handle});
  while (CachedResource* r = name.resources.first()) remove(*r);
  if (reset_at_ == &name) pass_by(name);
  counters_.bytes -= bytes_of(name);
  by_handle_.erase(name.handle);
  names_.remove(std::string_view(name.name));
}

// Called when the resource may have become used or unused. An unused resource with a query is removed at once, because
// only query events could keep it up to date.
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

// Evicts unused names until something new may be kept. Returns false if all names that are left are in use.
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

// Answers the tickets with an error because the cache is full. The log says so when it starts.
void Cache::refuse_for_room(Tickets&& tickets) {
  counters_.refused += tickets.size();
  refuse(std::move(tickets), errors::cache_full);
  if (std::exchange(full_, true)) return;
  full_since_ = now_;
  log_.log(LogLevel::error, "The cache is full: it takes " + std::to_string(counters_.bytes) + " bytes of " +
                                std::to_string(limits_.bytes) + ", and what is new is refused");
}

// Logs that the cache has room again: at least a second after it was full, and when an eighth of the limit is free, so
// that the log does not alternate between the two.
void Cache::see_whether_there_is_room() {
  constexpr Millis at_least = 1'000;
  if (!full_ || now_ < full_since_ + at_least) return;
  if (counters_.bytes >= limits_.bytes - limits_.bytes / 8) return;
  full_ = false;
  log_.log(LogLevel::info, "The cache has room again");
}

// Evicts names and repeats failed resets whose time has come. Returns false if more is left.
bool Cache::go_on(Due&) {
  while (!unused_.empty() && unused_.front().evict_at <= now_) {
    if (!spend(1)) return false;
    CachedName& name = unused_.front();
    if (name.in_use()) {
      name.keep();  // a comparison or query is under way; release() is called again when it ends
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
