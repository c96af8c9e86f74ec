// Creates the records of names and resources when they are first subscribed to, finds them by name, query or id,
// removes them, and counts their bytes.
#include <utility>

#include "nodes/base/check.hpp"
#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

// Returns the record of the name; if necessary, creates the record and subscribes to the events of the name.
CachedName& Cache::obtain(std::string_view name) {
  if (CachedName* known = names_.find(name)) {
    known->keep();
    if (!known->subscribed && known->room_until == 0) subscribe_to_events(*known);
    return *known;
  }
  auto made = std::make_unique<CachedName>();
  made->name = name;
  made->handle = resource_handle(lane_, ++last_serial_);
  made->resets_seen = last_reset_;
  CachedName& record = names_.add(std::move(made));
  by_handle_.emplace(record.handle, &record);
  in_order_.push_back(record);
  counters_.bytes += bytes_of(record);
  subscribe_to_events(record);
  return record;
}

// Subscribes to the events of the name. The cache does this before the first get request, so it gets every event that a
// service sends after the answer to that request.
void Cache::subscribe_to_events(CachedName& name) {
  name.subscribed = true;
  std::string subject;
  subject.reserve(name.name.size() + 8);
  subject.append("event.").append(name.name).append(".*");
  out_->ask.emplace_back(ServiceSubscribe{name.handle, std::move(subject)});
}

CachedResource& Cache::create(CachedName& name, std::string_view query) {
  auto made = std::make_unique<CachedResource>();
  made->id = in_lane<ResourceId>(lane_, ++last_serial_);
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

// Finds a resource of the name by its query. First looks for a resource with exactly this query. Then looks in
// CachedName::links, which maps other spellings of queries, sent by clients before, to the resources that the service
// has returned for them. Returns null if neither finds a resource.
CachedResource* Cache::find(CachedName& name, std::string_view query) {
  if (CachedResource* r = name.resources.find(query)) return r;
  if (!name.links) return nullptr;
  const auto it = name.links->find(query);
  return it == name.links->end() ? nullptr : it->second;
}

CachedResource* Cache::find(ResourceId id) {
  const auto it = resources_.find(id);
  return it == resources_.end() ? nullptr : it->second;
}

CachedName* Cache::find_name(SubscriptionHandle handle) {
  const auto it = by_handle_.find(handle);
  return it == by_handle_.end() ? nullptr : it->second;
}

void Cache::remove(CachedResource& r) {
  CachedName& name = *r.name;
  if (r.resetting()) out_->ask.emplace_back(ServiceWithdraw{r.id});
  if (r.query_part) {
    for (const QueryLinks::iterator link : r.query_part->links) unlink(link);
  }
  if (r.used) --name.used;
  RESFLOW_CHECK(counters_.bytes >= r.counted);
  counters_.bytes -= r.counted;
  resources_.erase(r.id);
  name.resources.remove(r);
}

// Makes the cache forget one of the spellings that clients use for a query: removes the entry `link` from
// CachedName::links, which maps spellings to resources. The caller must also remove `link` from
// CachedResource::Query::links.
void Cache::unlink(QueryLinks::iterator link) {
  CachedName& name = *link->second->name;
  counters_.bytes -= bytes_of_link(link->first.size());
  name.links->erase(link);
  if (name.links->empty()) name.links = nullptr;
}

// Estimates the bytes of the resource again, and corrects the byte total of the cache. Must be called when the resource
// is made, and whenever its state, its snapshot or its comparison (with a newer state) is added or removed.
void Cache::count(CachedResource& r) {
  RESFLOW_DEBUG_CHECK(!r.loaded() || r.state || r.snapshot);
  const std::size_t bytes = bytes_of(r);
  counters_.bytes += bytes - r.counted;
  r.counted = bytes;
}

}  // namespace resflow
