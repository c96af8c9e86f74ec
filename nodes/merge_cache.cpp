// The cache's records: made when first subscribed to, kept while used and a little longer, let go then; and the room
// that they take.
#include <utility>

#include "nodes/cache_bytes.hpp"
#include "nodes/handles.hpp"
#include "nodes/merge.hpp"

namespace resflow {

CachedName& Merge::obtain(std::string_view name) {
  if (CachedName* known = names_.find(name)) {
    known->keep();
    if (!known->subscribed && known->room_until == 0) subscribe_to_events(*known);
    return *known;
  }
  auto made = std::make_unique<CachedName>();
  made->name = name;
  made->handle = resource_handle((std::uint64_t{lane_} << 48) | ++last_serial_);
  made->resets_seen = last_reset_;
  CachedName& record = names_.add(std::move(made));
  by_handle_.emplace(record.handle, &record);
  in_order_.push_back(record);
  counters_.bytes += bytes_of(record);
  subscribe_to_events(record);
  return record;
}

// Before the first get request, so that no event falls between the state and its later events.
void Merge::subscribe_to_events(CachedName& name) {
  name.subscribed = true;
  out_->ask.emplace_back(ServiceSubscribe{name.handle, "event." + name.name + ".*"});
}

CachedResource& Merge::create(CachedName& name, std::string_view query) {
  auto made = std::make_unique<CachedResource>();
  made->id = in_lane(lane_, ++last_serial_);
  made->name = &name;
  made->loading = std::make_unique<CachedResource::Loading>();
  if (!query.empty()) {
    made->query_part = std::make_unique<CachedResource::Query>(CachedResource::Query{std::string(query), {}});
  }
  CachedResource& r = name.resources.add(std::move(made));
  resources_.emplace(r.id, &r);
  count(r);
  return r;
}

CachedResource* Merge::find(CachedName& name, std::string_view query) {
  if (CachedResource* r = name.resources.find(query)) return r;
  if (!name.links) return nullptr;
  const auto it = name.links->find(query);
  return it == name.links->end() ? nullptr : it->second;
}

CachedResource* Merge::find(ResourceId id) {
  const auto it = resources_.find(id);
  return it == resources_.end() ? nullptr : it->second;
}

CachedName* Merge::find_name(std::uint64_t handle) {
  const auto it = by_handle_.find(handle);
  return it == by_handle_.end() ? nullptr : it->second;
}

void Merge::remove(CachedResource& r) {
  CachedName& name = *r.name;
  if (r.resetting()) out_->ask.emplace_back(ServiceWithdraw{r.id});
  if (r.query_part) {
    for (const QueryLinks::iterator link : r.query_part->links) unlink(link);
  }
  if (r.used) --name.used;
  counters_.bytes -= r.counted;
  resources_.erase(r.id);
  name.resources.remove(r);
}

// Does not touch the resource's own list of its links.
void Merge::unlink(QueryLinks::iterator link) {
  CachedName& name = *link->second->name;
  counters_.bytes -= bytes_of_link(link->first.size());
  name.links->erase(link);
  if (name.links->empty()) name.links = nullptr;
}

// Nobody uses anything of this name any more, it may be.
void Merge::release(CachedName& name) {
  if (name.in_use() || name.unused.is_linked()) return;
  name.evict_at = now_ + limits_.keep_unused;
  unused_.push_back(name);
  if (name.subscribed && !name.reused) used_once_.push_back(name);
}

// Its query resources are gone already.
void Merge::evict(CachedName& name) {
  out_->ask.emplace_back(ServiceUnsubscribe{name.handle});
  while (CachedResource* r = name.resources.first()) remove(*r);
  if (reset_at_ == &name) pass_by(name);
  counters_.bytes -= bytes_of(name);
  by_handle_.erase(name.handle);
  names_.remove(std::string_view(name.name));
}

// To be called when somebody may have begun or ceased to use the resource. One with a query goes at once when nobody
// does: nothing but a query event could keep it up to date.
void Merge::use_changed(CachedResource& r) {
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

// To be called when what is kept of the resource has changed.
void Merge::count(CachedResource& r) {
  const std::size_t bytes = bytes_of(r);
  counters_.bytes += bytes - r.counted;
  r.counted = bytes;
}

// Lets go of unused names until something new may be kept. False when all that is left is in use.
bool Merge::make_room() {
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

void Merge::refuse_for_room(Tickets&& tickets) {
  counters_.refused += tickets.size();
  refuse(std::move(tickets), errors::cache_full);
  if (std::exchange(full_, true)) return;
  full_since_ = now_;
  log_.log(LogLevel::error, "The cache is full: it takes " + std::to_string(counters_.bytes) + " bytes of " +
                                std::to_string(limits_.bytes) + ", and what is new is refused");
}

// Full and not full are told once a second at most, and with some room between them.
void Merge::see_whether_there_is_room() {
  constexpr Millis at_least = 1'000;
  if (!full_ || now_ < full_since_ + at_least) return;
  if (counters_.bytes >= limits_.bytes - limits_.bytes / 8) return;
  full_ = false;
  log_.log(LogLevel::info, "The cache has room again");
}

}  // namespace resflow
