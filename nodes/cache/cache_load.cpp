// Loads resources: sends a get request for the first subscriber, stores the first state when it arrives, and answers
// all subscribers that wait for it.
#include <algorithm>
#include <utility>
#include <vector>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

namespace {

// Groups tickets (subscriptions that wait for the first state) by their lane.
std::vector<Tickets> by_lane(const CachedResource::Waiting& waiting) {
  std::vector<Tickets> lanes;
  for (const auto& [ticket, throttle] : waiting) {
    if (lanes.empty() || lane_of(lanes.back().front()) != lane_of(ticket)) lanes.emplace_back();
    lanes.back().push_back(ticket);
  }
  return lanes;
}

}  // namespace

// Turns tickets (subscriptions that wait for a state) into subscribers of a loaded resource, and sends them its state.
// All tickets must be of the same lane.
void Cache::subscribe(CachedResource& r, Tickets&& tickets) {
  // The cache may be sending the present subscribers the events that lead from the old state to a newer one. If it has
  // sent some of them, it sends the rest now, and the new subscriber gets the newer state. With the old state, the new
  // subscriber would lack the events that were sent before it came.
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

// Returns the state of a resource, for code that changes or compares it. If the cache has kept the state only as text
// (the snapshot), parses this text. The gateway wrote that text itself, so parsing cannot fail.
Resource& Cache::state(CachedResource& r) {
  if (!r.state) {
    r.state = std::make_shared<Resource>(decode_resource(r.snapshot->text, r.snapshot->is_model));
    r.state_bytes = bytes_of(*r.state);
    count(r);
  }
  return *r.state;
}

// Keeps the state of a resource only as text (the snapshot). This takes a fifth of the memory, and subscribers get the
// text anyway. If the resource changes, which is rare, state() parses the text.
void Cache::keep_as_text(CachedResource& r) {
  snapshot(r);
  r.state = nullptr;
  count(r);
}

// Sends the service a get request for the state of the resource. But if NATS has refused the subscription to the events
// of the name, sends nothing, because the state would go out of date unnoticed. The request follows when the cache
// subscribes to the events again (subscribe_again()).
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

// Repeats a get request that has brought no answer: the answer was lost, or the request was not sent because the cache
// was not subscribed to the name's events. The new answer will be newer than all reset events so far. So no further
// request is needed after it, and Refresh::again is cleared.
void Cache::ask_again(CachedResource& r) {
  if (r.refresh) r.refresh->again = false;
  if (r.loaded()) {
    r.refresh->retries.unlink();
    get(r, true, r.refresh->throttle);
  } else {
    get(r, false, r.in_use() ? r.loading->waiting.begin()->second : 0);
  }
}

// Answers all tickets of the resource (subscriptions that wait for its state) with the error.
void Cache::answer_waiting(CachedResource& r, const ErrorPtr& error) {
  for (Tickets& tickets : by_lane(r.loading->waiting)) refuse(std::move(tickets), error);
  counters_.subscriptions -= r.loading->waiting.size();
}

// Called when the get request has failed: answers all waiting subscriptions with the error and removes the resource.
// The next subscriber causes a new get request.
void Cache::load_failed(CachedResource& r, const ErrorPtr& error) {
  answer_waiting(r, error);
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

// Stores the first state of a resource, and sends it to all tickets (subscriptions that wait for it). If an exception
// is thrown meanwhile, answers the tickets with an error, and throws the exception on to the caller.
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
    target.name->keep();  // if the name is in unused_, takes it out: make_room() must not evict it
    if (!make_room()) return no_room_for(target, loading);
  }
  for (Tickets& tickets : by_lane(loading.waiting)) subscribe(target, std::move(tickets));
  if (loading.reaccess) reaccess(target, loading.reaccess_throttle);
  if (target.refresh && std::exchange(target.refresh->again, false)) reset(target);
  use_changed(target);
}

// Called when the first state has arrived but the cache is full. Answers the tickets (subscriptions that wait for this
// state) with an error and removes the resource.
void Cache::no_room_for(CachedResource& r, const CachedResource::Loading& loading) {
  for (Tickets& tickets : by_lane(loading.waiting)) refuse_for_room(std::move(tickets));
  counters_.subscriptions -= loading.waiting.size();
  CachedName& name = *r.name;
  remove(r);
  release(name);
}

// Called when the state of `r` has arrived. With the state, the service returns `query`: the normalized form of the
// query of `r`, which is the same for all spellings that mean the same. Returns the resource with the query `query`,
// and creates it if there is none. If that is another resource than `r`, removes `r`, and remembers that the query of
// `r` leads to the other resource (RES-Service protocol, "Normalized query").
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

// Remembers that the query `asked`, as a client has spelled it, means the resource `target`. So the next subscription
// with this query needs no get request. To limit the memory, a resource has at most 8 such queries (a new one replaces
// the oldest), and a query of more than 512 bytes is not remembered.
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
