// The cache's records: made when first subscribed to, kept while used and a little longer, let go then.
#include <utility>

#include "nodes/handles.hpp"
#include "nodes/merge.hpp"

namespace resflow {

CachedName& Merge::obtain(std::string_view name) {
  if (const auto known = names_.find(name); known != names_.end()) {
    known->second->evict_at = 0;
    return *known->second;
  }
  CachedName& record = *names_.emplace(std::string(name), std::make_unique<CachedName>()).first->second;
  record.name = name;
  record.handle = resource_handle((std::uint64_t{lane_} << 48) | ++last_serial_);
  by_handle_.emplace(record.handle, &record);
  // Before the first get request, so that no event falls between the state and its later events.
  out_->ask.emplace_back(ServiceSubscribe{record.handle, "event." + record.name + ".*"});
  return record;
}

CachedResource& Merge::create(CachedName& name, std::string_view query) {
  auto resource = std::make_unique<CachedResource>();
  CachedResource& r = *resource;
  r.id = (std::uint64_t{lane_} << 56) | ++last_serial_;
  r.name = &name;
  r.query = query;
  resources_.emplace(r.id, &r);
  name.resources.emplace(r.query, std::move(resource));
  return r;
}

CachedResource* Merge::find(CachedName& name, std::string_view query) {
  if (const auto it = name.resources.find(query); it != name.resources.end()) return it->second.get();
  if (const auto it = name.links.find(query); it != name.links.end()) return it->second;
  return nullptr;
}

CachedResource* Merge::find(ResourceId id) {
  const auto it = resources_.find(id);
  return it == resources_.end() ? nullptr : it->second;
}

void Merge::remove(CachedResource& r) {
  CachedName& name = *r.name;
  if (r.resetting) out_->ask.emplace_back(ServiceWithdraw{r.id});
  for (const std::string& query : r.links) name.links.erase(query);
  resources_.erase(r.id);
  name.resources.erase(name.resources.find(r.query));
}

// Nobody uses something of this name any more. Query resources go at once: nothing but a query event could keep them
// up to date.
void Merge::release(CachedName& name) {
  for (auto it = name.resources.begin(); it != name.resources.end();) {
    CachedResource& r = *(it++)->second;
    if (!r.query.empty() && !r.in_use()) remove(r);
  }
  if (name.in_use() || name.evict_at != 0) return;
  name.evict_at = now_ + limits_.keep_unused;
  unused_.emplace_back(name.evict_at, name.handle);
}

void Merge::evict(CachedName& name) {
  out_->ask.emplace_back(ServiceUnsubscribe{name.handle});
  while (!name.resources.empty()) remove(*name.resources.begin()->second);
  by_handle_.erase(name.handle);
  names_.erase(std::string(name.name));
}

void Merge::subscribe(CachedResource& r, Subscribe&& m) {
  bool counted = false;
  for (auto& lane : r.lanes) {
    if (lane.lane != m.conn.lane) continue;
    ++lane.subscribers;
    counted = true;
  }
  if (!counted) r.lanes.push_back({m.conn.lane, 1});
  r.name->evict_at = 0;
  out_->session.emplace_back(m.conn.lane, Loaded{m.conn, std::move(m.rid), m.ticket, r.id, snapshot(r), nullptr});
}

const SnapshotPtr& Merge::snapshot(CachedResource& r) {
  if (r.snapshot) return r.snapshot;
  auto s = std::make_shared<Snapshot>();
  s->is_model = r.state->is_model;
  bool legacy_differs = false;
  const auto note = [&](const Value& v) {
    if (v.is_reference()) s->references.push_back(v.rid);
    legacy_differs = legacy_differs || differs_for_legacy(v);
  };
  for (const auto& [key, value] : r.state->properties) note(value);
  for (const Value& value : r.state->values) note(value);
  const auto text = [&](bool legacy) {
    std::string out;
    if (s->is_model) {
      append_properties(out, r.state->properties, legacy);
    } else {
      append_values(out, r.state->values, legacy);
    }
    return out;
  };
  s->text = text(false);
  if (legacy_differs) s->legacy_text = text(true);
  r.snapshot = std::move(s);
  return r.snapshot;
}

void Merge::get(CachedResource& r, bool reset, ThrottleId throttle) {
  if (reset) ++counters_.resets;
  out_->ask.emplace_back(
      ServiceRequest{r.name->name, "get." + r.name->name, encode_get_request(r.query), GetFor{r.id, reset}, throttle});
}

void Merge::refuse(const Subscribe& m, const ErrorPtr& error) {
  out_->session.emplace_back(m.conn.lane, Loaded{m.conn, m.rid, m.ticket, 0, nullptr, error});
}

// The next to subscribe tries again.
void Merge::load_failed(CachedResource& r, const ErrorPtr& error) {
  for (const auto& [ticket, m] : r.waiting) refuse(m, error);
  counters_.subscriptions -= r.waiting.size();
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

void Merge::load(CachedResource& r, GetResult&& result) {
  CachedResource& target = normalize(r, result.query);
  if (!target.loaded) {
    target.loaded = true;
    target.state = std::make_shared<Resource>(std::move(result.resource));
  }
  for (auto& [ticket, m] : std::exchange(target.waiting, {})) subscribe(target, std::move(m));
  if (std::exchange(target.reaccess, false)) reaccess(target, target.reaccess_throttle);
  if (std::exchange(target.reset_again, false)) reset(target);
}

// "Normalized query": "Different queries that results in the same query resource should have the same normalized
// query". Returns the resource of the normalized query, with all that was for `r`.
CachedResource& Merge::normalize(CachedResource& r, const std::string& query) {
  if (r.query == query) return r;
  CachedName& name = *r.name;
  CachedResource* target = find(name, query);
  if (target == nullptr) target = &create(name, query);
  target->waiting.merge(r.waiting);
  if (r.reset_again) {
    target->reset_again = true;
    target->reset_throttle = r.reset_throttle;
  }
  if (r.reaccess) {
    target->reaccess = true;
    target->reaccess_throttle = r.reaccess_throttle;
  }
  const std::string asked = r.query;
  remove(r);
  name.links[asked] = target;
  target->links.push_back(asked);
  return *target;
}

}  // namespace resflow
