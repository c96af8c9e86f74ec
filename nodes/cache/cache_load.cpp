// Loads resources: sends a get request for the first subscriber, stores the first state when it arrives, and answers
// all subscribers that wait for it.
#include <algorithm>
#include <utility>
#include <vector>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

namespace {

// Groups tickets (subscriptions that wait for the first state) by the lane that they belong to.
std::vector<Tickets> by_lane(const CachedResource::Waiting& waiting) {
  std::vector<Tickets> lanes;
  for (const auto& [ticket, throttle] : waiting) {
    if (lanes.empty() || lane_of(lanes.back().front()) != lane_of(ticket)) lanes.emplace_back();
    lanes.back().push_back(ticket);
  }
  return lanes;
}

}  // namespace

// Makes the tickets (subscriptions that wait for a state) subscribers of a loaded resource, and sends them the state.
// All tickets must be of the same lane.
void Cache::subscribe(CachedResource& r, Tickets&& tickets) {
  // If the cache has sent only some edits of a comparison so far, it sends the remaining edits first. Otherwise the new
  // subscriber would get the state from before the comparison, but would miss the edits that were sent already.
  if (r.comparison && r.comparison->told > 0) tell_edits(r, r.comparison->edits.size());
  const LaneId lane = lane_of(tickets.front());
  auto count = std::find_if(r.lanes.begin(), r.lanes.end(), [&](const auto& c) { return c.lane == lane; });
  if (count == r.lanes.end()) count = r.lanes.insert(r.lanes.end(), {lane, 0});
  count->subscribers += static_cast<std::uint32_t>(tickets.size());
  out_->session.emplace_back(lane, std::in_place_type<LoadResult>, std::move(tickets), r.id, snapshot(r), nullptr);
}

// Returns the snapshot of a resource (its state as text). Makes the snapshot if there is none.
const SnapshotPtr& Cache::snapshot(CachedResource& r) {
  if (!r.snapshot) {
    r.snapshot = std::make_shared<const Snapshot>(make_snapshot(*r.state));
    count(r);
  }
  return r.snapshot;
}

// Returns the state of a resource, for code that changes or compares it. If only the snapshot is there, makes the state
// from the text of the snapshot. The gateway wrote that text itself, so parsing cannot fail.
Resource& Cache::state(CachedResource& r) {
  if (!r.state) {
    r.state = std::make_shared<Resource>(decode_resource(r.snapshot->text, r.snapshot->is_model));
    r.state_bytes = bytes_of(*r.state);
    count(r);
  }
  return *r.state;
}

// Drops the state of a resource, and keeps only its snapshot, which is the state as text. Most resources never change,
// or only long after they were loaded. As text, a state takes a fifth of the memory, and subscribers get it as text
// anyway.
void Cache::keep_as_text(CachedResource& r) {
  snapshot(r);
  r.state = nullptr;
  count(r);
}

// Sends the get request for the resource. Sends nothing while the cache has no subscription to the events of the name,
// because the state would go out of date unnoticed. In that case subscribe_again() sends the request later.
void Cache::get(CachedResource& r, bool reset, ThrottleId throttle) {
  if (!r.name->subscribed) return;
  if (reset) ++counters_.resets;
  out_->ask.emplace_back(std::in_place_type<ServiceRequest>, r.name->name, "get." + r.name->name,
                         encode_get_request(r.query()), GetFor{r.id, reset}, throttle);
}

// Answers the tickets (subscriptions that wait for a state) with an error. All tickets must be of the same lane.
void Cache::refuse(Tickets&& tickets, const ErrorPtr& error) {
  const LaneId lane = lane_of(tickets.front());
  out_->session.emplace_back(lane, LoadResult{std::move(tickets), 0, nullptr, error});
}

// Sends a get request again, either because its answer was lost, or because get() did not send it while the cache had
// no subscription to the events. The answer will be newer than all resets so far. So these resets need no further
// request, and the function clears Refresh::again.
void Cache::ask_again(CachedResource& r) {
  if (r.refresh) r.refresh->again = false;
  if (r.loaded()) {
    r.refresh->retries.unlink();
    get(r, true, r.refresh->throttle);
  } else {
    get(r, false, r.in_use() ? r.loading->waiting.begin()->second : 0);
  }
}

// Answers all waiting tickets (subscriptions without a state) with the error.
void Cache::answer_waiting(CachedResource& r, const ErrorPtr& error) {
  for (Tickets& tickets : by_lane(r.loading->waiting)) refuse(std::move(tickets), error);
  counters_.subscriptions -= r.loading->waiting.size();
}

// Answers all waiting tickets with the error and removes the resource. The next subscriber causes a new get request.
void Cache::load_failed(CachedResource& r, const ErrorPtr& error) {
  answer_waiting(r, error);
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

// Stores the first state of a resource, and sends that state to all waiting tickets (subscriptions without a state). If
// this throws, answers the tickets with an error.
void Cache::load(CachedResource& r, GetResult&& result) {
  const std::unique_ptr<CachedResource::Loading> loading = std::move(r.loading);
  try {
    load(r, std::move(result), *loading);
  } catch (const std::exception&) {
    for (Tickets& tickets : by_lane(loading->waiting)) refuse(std::move(tickets), errors::internal);
    throw;
  }
}

void Cache::load(CachedResource& r, GetResult&& result, CachedResource::Loading& loading) {
  CachedResource& target = normalize(r, result.query);
  changing_ = target.id;
  if (const auto others = std::move(target.loading)) {
    loading.waiting.merge(others->waiting);
    if (others->reaccess && !std::exchange(loading.reaccess, true)) {
      loading.reaccess_throttle = others->reaccess_throttle;
    }
  }
  if (!target.state && !target.snapshot) {
    target.state = std::make_shared<Resource>(std::move(result.resource));
    keep_as_text(target);
    target.name->keep();  // make_room() must not evict this very name
    if (!make_room()) return no_room_for(target, loading);
  }
  for (Tickets& tickets : by_lane(loading.waiting)) subscribe(target, std::move(tickets));
  if (loading.reaccess) reaccess(target, loading.reaccess_throttle);
  if (target.refresh && std::exchange(target.refresh->again, false)) reset(target);
  use_changed(target);
}

// Refuses the waiting tickets and removes the resource, because the cache is full when the first state arrives.
void Cache::no_room_for(CachedResource& r, const CachedResource::Loading& loading) {
  for (Tickets& tickets : by_lane(loading.waiting)) refuse_for_room(std::move(tickets));
  counters_.subscriptions -= loading.waiting.size();
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

// `query` is the normalized form of the query of `r`, as the service has returned it. Returns the resource with this
// normalized query. If that is not `r`, removes `r` and links the query of `r` to that resource (RES-Service protocol,
// "Normalized query": "Different queries that results in the same query resource should have the same normalized
// query").
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

// Remembers that `asked`, a query as a client has spelled it, means the resource `target`. The next subscription with
// that query then needs no get request. A resource has at most 8 such links; a new link replaces the oldest. There is
// no link for a query of more than 512 bytes. So a client that asks for one resource with ever new queries does not
// fill the memory.
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
