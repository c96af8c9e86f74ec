// Handles the messages to the cache node, with one function on() for each type of message. Some of these functions are
// in other files: cache_refusal.cpp, cache_reset.cpp, cache_queries.cpp and cache_work.cpp.
#include "nodes/cache/cache.hpp"

namespace resflow {

void Cache::process(CacheIn&& message, CacheOut& out) {
  out_ = &out;
  changing_ = 0;
  try {
    if (!must_wait(message)) dispatch(std::move(message));
  } catch (const std::exception&) {
    give_up_changing();
    throw;
  }
  out_ = nullptr;
}

// Called after an exception. If a resource (`changing_`) was being changed when the exception was thrown, it may be
// half-changed, or its subscribers may have missed an event. So all subscriptions to it end with an error. The
// subscriptions to all other resources with the same name and another query end, too.
void Cache::give_up_changing() {
  if (const CachedResource* r = find(changing_)) give_up(*r->name, errors::internal);
}

void Cache::dispatch(CacheIn&& message) {
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
}

void Cache::on(Subscribe&& m) {
  CachedName* name = names_.find(m.target->name());
  CachedResource* r = name == nullptr ? nullptr : find(*name, m.target->query());
  ++counters_.lookups[r == nullptr ? CacheLookup::miss : r->loaded() ? CacheLookup::hit : CacheLookup::joined];
  if (r == nullptr) {
    if (!make_room()) return refuse_for_room({m.ticket});
    r = &create(obtain(m.target->name()), m.target->query());
    get(*r, false, m.throttle);
  }
  ++counters_.subscriptions;
  if (r->loaded()) {
    r->name->reused = true;
    subscribe(*r, {m.ticket});
  } else {
    r->loading->waiting.emplace(m.ticket, m.throttle);
  }
  use_changed(*r);
}

void Cache::on(Withdraw&& m) {
  CachedName* name = names_.find(m.target->name());
  if (name == nullptr) return;
  CachedResource* r = find(*name, m.target->query());
  if (r == nullptr || r->loaded()) return;  // the subscription was answered already
  if (r->loading->waiting.erase(m.ticket) == 0) return;
  --counters_.subscriptions;
  if (r->in_use()) return;
  out_->ask.emplace_back(ServiceWithdraw{r->id});
  use_changed(*r);
}

void Cache::on(Unsubscribe&& m) {
  CachedResource* r = find(m.resource);
  if (r == nullptr) return;  // the resource was deleted
  for (auto it = r->lanes.begin(); it != r->lanes.end(); ++it) {
    if (it->lane != m.lane) continue;
    --counters_.subscriptions;
    if (--it->subscribers == 0) r->lanes.erase(it);
    break;
  }
  if (!r->in_use()) use_changed(*r);
}

void Cache::on(ServiceEvent&& m) {
  ++counters_.events;
  CachedName* name = find_name(m.handle);
  if (name == nullptr) return drop(EventDrop::unknown);
  if (auto* query = std::get_if<QueryEventSubject>(&m.body)) {
    return sweep(*name, Sweep{.name_handle = name->handle, .subject = std::move(query->subject)});
  }
  // A reaccess event (access rights have changed) goes to all resources of the name, whatever their query, because
  // access may depend on the query and the event does not contain one.
  if (std::holds_alternative<ReaccessEvent>(m.body) && !name->resources.empty()) {
    return sweep(*name, Sweep{.name_handle = name->handle, .reset = {name->handle, false, true, 0}});
  }
  // All other events go to the resource without a query. They do not change the resources of the same name that have a
  // query: only query events (handled above) do.
  CachedResource* r = name->resources.plain();
  if (r == nullptr) return drop(EventDrop::unknown);
  event(*r, std::move(m));
}

void Cache::on(GetAnswer&& m) {
  CachedResource* r = find(m.resource);
  if (r == nullptr) return;
  // Drops the answer if the gateway is not subscribed to the resource's events: the data would go out of date
  // unnoticed. subscribe_again() later asks the service for the data again.
  if (!r->name->subscribed) return;
  changing_ = r->id;
  r->name->room_until = 0;
  if (m.reset) return reset_answer(*r, std::move(m.result));
  if (r->loaded()) return;  // the answer to another get request has loaded it already
  if (m.result.error == errors::lost && r->in_use()) {
    ask_again(*r);
  } else if (m.result.error == errors::withdrawn && r->in_use()) {
    // The request was withdrawn because no client needed the resource, but a client has subscribed since then. So the
    // request is sent again.
    get(*r, false, r->loading->waiting.begin()->second);
  } else if (m.result.error) {
    load_failed(*r, m.result.error);
  } else {
    load(*r, std::move(m.result.value));
  }
}

void Cache::on(OrderedReply&& m) {
  if (auto* call = std::get_if<Boxed<CallReply>>(&m.message)) {
    out_->session.emplace_back((*call)->conn.lane, std::move(*call));
  } else {
    auto& access = std::get<Boxed<AccessReply>>(m.message);
    out_->authorize.emplace_back(access->conn.lane, std::move(access));
  }
}

void Cache::on(Tick&& m) {
  ++counters_.ticks;
  now_ = m.now;
  units_ = limits_.piece;
  see_whether_there_is_room();
  try_waiting();
  if (due_at_work_) return;
  if (Due due; !continue_work(due)) {
    due_at_work_ = true;
    add_work(due);
  }
}

}  // namespace resflow
