// The cache's records: made when first subscribed to, kept while used and a little longer, let go then.
#include <algorithm>
#include <utility>
#include <vector>

#include "nodes/handles.hpp"
#include "nodes/merge.hpp"

namespace resflow {

namespace {

// Those of each lane, in order.
std::vector<Tickets> by_lane(const CachedResource::Waiting& waiting) {
  std::vector<Tickets> lanes;
  for (const auto& [ticket, throttle] : waiting) {
    if (lanes.empty() || lane_of(lanes.back().front()) != lane_of(ticket)) lanes.emplace_back();
    lanes.back().push_back(ticket);
  }
  return lanes;
}

}  // namespace

CachedName& Merge::obtain(std::string_view name) {
  if (CachedName* known = names_.find(name)) {
    known->evict_at = 0;
    if (!known->subscribed && known->room_until == 0) subscribe_to_events(*known);
    return *known;
  }
  auto made = std::make_unique<CachedName>();
  made->name = name;
  made->handle = resource_handle((std::uint64_t{lane_} << 48) | ++last_serial_);
  CachedName& record = names_.add(std::move(made));
  by_handle_.emplace(record.handle, &record);
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
  if (!query.empty()) made->query_part = std::make_unique<CachedResource::Query>(std::string(query));
  CachedResource& r = **name.resources.insert(std::move(made)).first;
  resources_.emplace(r.id, &r);
  return r;
}

CachedResource* Merge::find(CachedName& name, std::string_view query) {
  if (const auto it = name.resources.find(query); it != name.resources.end()) return it->get();
  if (!name.links) return nullptr;
  const auto it = name.links->find(query);
  return it == name.links->end() ? nullptr : it->second;
}

CachedResource* Merge::find(ResourceId id) {
  const auto it = resources_.find(id);
  return it == resources_.end() ? nullptr : it->second;
}

void Merge::remove(CachedResource& r) {
  CachedName& name = *r.name;
  if (r.resetting()) out_->ask.emplace_back(ServiceWithdraw{r.id});
  if (r.query_part && name.links) {
    for (const std::string& query : r.query_part->links) name.links->erase(query);
    if (name.links->empty()) name.links = nullptr;
  }
  resources_.erase(r.id);
  name.resources.erase(name.resources.find(r.query()));
}

// Nobody uses something of this name any more. Query resources go at once: nothing but a query event could keep them
// up to date.
void Merge::release(CachedName& name) {
  std::vector<CachedResource*> unused;
  for (const auto& r : name.resources) {
    if (!r->query().empty() && !r->in_use()) unused.push_back(r.get());
  }
  for (CachedResource* r : unused) remove(*r);
  if (name.in_use() || name.evict_at != 0) return;
  name.evict_at = now_ + limits_.keep_unused;
  unused_.emplace_back(name.evict_at, name.handle);
  if (!name.reused) used_once_.emplace_back(name.evict_at, name.handle);
}

void Merge::evict(CachedName& name) {
  out_->ask.emplace_back(ServiceUnsubscribe{name.handle});
  while (!name.resources.empty()) remove(**name.resources.begin());
  by_handle_.erase(name.handle);
  names_.remove(std::string_view(name.name));
}

// The tickets are those of one lane.
void Merge::subscribe(CachedResource& r, Tickets&& tickets) {
  const LaneId lane = lane_of(tickets.front());
  auto count = std::find_if(r.lanes.begin(), r.lanes.end(), [&](const auto& c) { return c.lane == lane; });
  if (count == r.lanes.end()) count = r.lanes.insert(r.lanes.end(), {lane, 0});
  count->subscribers += static_cast<std::uint32_t>(tickets.size());
  r.name->evict_at = 0;
  out_->session.emplace_back(lane, Loaded{std::move(tickets), r.id, snapshot(r), nullptr});
}

const SnapshotPtr& Merge::snapshot(CachedResource& r) {
  if (!r.snapshot) r.snapshot = std::make_shared<const Snapshot>(make_snapshot(*r.state));
  return r.snapshot;
}

// To be changed or compared. The text is the gateway's own, so it can be read.
Resource& Merge::state(CachedResource& r) {
  if (!r.state) r.state = std::make_shared<Resource>(decode_resource(r.snapshot->text, r.snapshot->is_model));
  return *r.state;
}

// Most resources are never changed, or long after they were loaded. In text a state takes a fifth of the memory, and
// who subscribes gets it as text.
void Merge::keep_as_text(CachedResource& r) {
  snapshot(r);
  r.state = nullptr;
}

// While the subscription to its events is waited for, a state would go out of date unseen; it is asked for behind that.
void Merge::get(CachedResource& r, bool reset, ThrottleId throttle) {
  if (!r.name->subscribed) return;
  if (reset) ++counters_.resets;
  out_->ask.emplace_back(ServiceRequest{r.name->name, "get." + r.name->name, encode_get_request(r.query()),
                                        GetFor{r.id, reset}, throttle});
}

void Merge::refuse(Tickets&& tickets, const ErrorPtr& error) {
  const LaneId lane = lane_of(tickets.front());
  out_->session.emplace_back(lane, Loaded{std::move(tickets), 0, nullptr, error});
}

// The answer was lost. What is asked for now is no older than any reset so far.
void Merge::ask_again(CachedResource& r, bool reset) {
  if (r.refresh) r.refresh->again = false;
  get(r, reset, reset ? r.refresh->throttle : r.loading->waiting.begin()->second);
}

void Merge::answer_waiting(CachedResource& r, const ErrorPtr& error) {
  for (Tickets& tickets : by_lane(r.loading->waiting)) refuse(std::move(tickets), error);
  counters_.subscriptions -= r.loading->waiting.size();
}

// The next to subscribe tries again.
void Merge::load_failed(CachedResource& r, const ErrorPtr& error) {
  answer_waiting(r, error);
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

void Merge::load(CachedResource& r, GetResult&& result) {
  const std::unique_ptr<CachedResource::Loading> loading = std::move(r.loading);
  CachedResource& target = normalize(r, result.query);
  if (const auto others = std::move(target.loading)) {
    loading->waiting.merge(others->waiting);
    if (others->reaccess && !std::exchange(loading->reaccess, true)) {
      loading->reaccess_throttle = others->reaccess_throttle;
    }
  }
  if (!target.state && !target.snapshot) {
    target.state = std::make_shared<Resource>(std::move(result.resource));
    keep_as_text(target);
  }
  for (Tickets& tickets : by_lane(loading->waiting)) subscribe(target, std::move(tickets));
  if (loading->reaccess) reaccess(target, loading->reaccess_throttle);
  if (target.refresh && std::exchange(target.refresh->again, false)) reset(target);
}

// "Normalized query": "Different queries that results in the same query resource should have the same normalized
// query". Returns the resource of the normalized query; `r` is gone then.
CachedResource& Merge::normalize(CachedResource& r, std::string_view query) {
  if (r.query() == query) return r;
  CachedName& name = *r.name;
  CachedResource* target = find(name, query);
  if (target == nullptr) target = &create(name, query);
  if (r.refresh && r.refresh->again) {
    CachedResource::Refresh& refresh = target->obtain_refresh();
    refresh.again = true;
    refresh.throttle = r.refresh->throttle;
  }
  const std::string asked(r.query());
  remove(r);
  if (!name.links) name.links = std::make_unique<CachedName::Links>();
  (*name.links)[asked] = target;
  if (!target->query_part) target->query_part = std::make_unique<CachedResource::Query>();
  target->query_part->links.push_back(asked);
  return *target;
}

}  // namespace resflow
