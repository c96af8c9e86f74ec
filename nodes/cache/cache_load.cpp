// From the first subscriber of a resource to its first state, and what subscribers get of it.
#include <algorithm>
#include <utility>
#include <vector>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

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

// The tickets are those of one lane.
void Cache::subscribe(CachedResource& r, Tickets&& tickets) {
  // Those who come now would get the old state and the rest of what leads to the new one.
  if (r.comparison && r.comparison->told > 0) tell_edits(r, r.comparison->edits.size());
  const LaneId lane = lane_of(tickets.front());
  auto count = std::find_if(r.lanes.begin(), r.lanes.end(), [&](const auto& c) { return c.lane == lane; });
  if (count == r.lanes.end()) count = r.lanes.insert(r.lanes.end(), {lane, 0});
  count->subscribers += static_cast<std::uint32_t>(tickets.size());
  out_->session.emplace_back(lane, std::in_place_type<LoadResult>, std::move(tickets), r.id, snapshot(r), nullptr);
}

const SnapshotPtr& Cache::snapshot(CachedResource& r) {
  if (!r.snapshot) {
    r.snapshot = std::make_shared<const Snapshot>(make_snapshot(*r.state));
    count(r);
  }
  return r.snapshot;
}

// To be changed or compared. The text is the gateway's own, so it can be read.
Resource& Cache::state(CachedResource& r) {
  if (!r.state) {
    r.state = std::make_shared<Resource>(decode_resource(r.snapshot->text, r.snapshot->is_model));
    r.state_bytes = bytes_of(*r.state);
    count(r);
  }
  return *r.state;
}

// Most resources are never changed, or long after they were loaded. In text a state takes a fifth of the memory, and
// who subscribes gets it as text.
void Cache::keep_as_text(CachedResource& r) {
  snapshot(r);
  r.state = nullptr;
  count(r);
}

// While the subscription to its events is waited for, a state would go out of date unseen; it is asked for behind that.
void Cache::get(CachedResource& r, bool reset, ThrottleId throttle) {
  if (!r.name->subscribed) return;
  if (reset) ++counters_.resets;
  out_->ask.emplace_back(std::in_place_type<ServiceRequest>, r.name->name, "get." + r.name->name,
                         encode_get_request(r.query()), GetFor{r.id, reset}, throttle);
}

void Cache::refuse(Tickets&& tickets, const ErrorPtr& error) {
  const LaneId lane = lane_of(tickets.front());
  out_->session.emplace_back(lane, LoadResult{std::move(tickets), 0, nullptr, error});
}

// The answer was lost. What is asked for again is no older than any reset so far.
void Cache::ask_again(CachedResource& r) {
  if (r.refresh) r.refresh->again = false;
  if (r.loaded()) {
    r.refresh->retries.unlink();
    get(r, true, r.refresh->throttle);
  } else {
    get(r, false, r.in_use() ? r.loading->waiting.begin()->second : 0);
  }
}

void Cache::answer_waiting(CachedResource& r, const ErrorPtr& error) {
  for (Tickets& tickets : by_lane(r.loading->waiting)) refuse(std::move(tickets), error);
  counters_.subscriptions -= r.loading->waiting.size();
}

// The next to subscribe tries again.
void Cache::load_failed(CachedResource& r, const ErrorPtr& error) {
  answer_waiting(r, error);
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

void Cache::load(CachedResource& r, GetResult&& result) {
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
    target.name->keep();  // so that it is not what is let go for its own sake
    if (!make_room()) return no_room_for(target, *loading);
  }
  for (Tickets& tickets : by_lane(loading->waiting)) subscribe(target, std::move(tickets));
  if (loading->reaccess) reaccess(target, loading->reaccess_throttle);
  if (target.refresh && std::exchange(target.refresh->again, false)) reset(target);
  use_changed(target);
}

// The state is here and does not fit.
void Cache::no_room_for(CachedResource& r, const CachedResource::Loading& loading) {
  for (Tickets& tickets : by_lane(loading.waiting)) refuse_for_room(std::move(tickets));
  counters_.subscriptions -= loading.waiting.size();
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

// "Normalized query": "Different queries that results in the same query resource should have the same normalized
// query". Returns the resource of the normalized query; `r` is gone then.
CachedResource& Cache::normalize(CachedResource& r, std::string_view query) {
  if (r.query() == query) return r;
  CachedName& name = *r.name;
  CachedResource* target = find(name, query);
  if (target == nullptr) target = &create(name, query);
  if (r.refresh && r.refresh->again) {
    CachedResource::Refresh& refresh = target->obtain_refresh();
    refresh.again = true;
    refresh.throttle = r.refresh->throttle;
  }
  std::string asked(r.query());
  remove(r);
  link(*target, std::move(asked));
  return *target;
}

// A link saves a get request, no more: a resource has a few, and of long queries none, so that who asks for one
// resource in ever new ways leaves nothing behind. A new link takes the place of the oldest.
void Cache::link(CachedResource& target, std::string&& asked) {
  constexpr std::size_t at_most = 8;
  constexpr std::size_t longest = 512;
  if (asked.size() > longest) return;
  CachedName& name = *target.name;
  if (!name.links) name.links = std::make_unique<QueryLinks>();
  const auto [made, is_new] = name.links->emplace(std::move(asked), &target);
  if (!is_new) return;
  counters_.bytes += bytes_of_link(made->first.size());
  if (!target.query_part) target.query_part = std::make_unique<CachedResource::Query>();
  std::vector<QueryLinks::iterator>& links = target.query_part->links;
  links.push_back(made);
  if (links.size() <= at_most) return;
  unlink(links.front());
  links.erase(links.begin());
}

}  // namespace resflow
