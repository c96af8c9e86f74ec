// Query events: sends a query request for each resource of the name, and applies the answers (RES-Service protocol,
// "Query event", "Query request"). Messages for the name wait until all answers are applied.
#include "nodes/cache/cache.hpp"

namespace resflow {

// Sends the query request for one resource. RES-Service protocol, "Query event": "any subscriber receiving the event
// should send a query request on that subject for each query".
void Cache::ask_for_query(CachedResource& r, const std::string& subject) {
  // A query event does not concern the resource without a query. A resource that is still loading gets a state that
  // includes the change.
  if (r.query().empty() || !r.loaded()) return;
  // Two query requests could be answered in either order, so the cache asks for the full state instead.
  if (r.query_out) return reset(r);
  r.query_out = true;
  CachedName& name = *r.name;
  hold(name);
  out_->ask.emplace_back(
      ServiceRequest{name.name, subject, encode_query_request(r.query()), QueryFor{name.handle, r.id}});
}

void Cache::on(QueryAnswer&& m) {
  if (!continue_work(m)) add_work(std::move(m));
}

// Applies the answer to a query request. Returns false if events of the answer are left for the next turn. by_handle_
// still contains the name, because ask_for_query() has called hold(), which prevents the eviction of the name.
bool Cache::continue_work(QueryAnswer& m) {
  CachedName& name = *by_handle_.at(m.name_handle);
  if (CachedResource* r = find(m.resource); r != nullptr && !query_answer(*r, m)) return false;
  if (CachedResource* r = find(m.resource)) r->query_out = false;
  let_through(name);
  return true;
}

// Applies the answer to the resource. Returns false if events of the answer are left for the next turn.
bool Cache::query_answer(CachedResource& r, QueryAnswer& m) {
  if (r.comparison) {  // neither state may change during a comparison; the cache asks for the full state later
    r.obtain_refresh().again = true;
    return true;
  }
  if (r.resetting()) {  // this answer is not needed: the cache has asked for the full state, or asks now
    if (std::exchange(r.refresh->behind_queries, false)) get(r, true, r.refresh->throttle);
    return true;
  }
  if (m.error) {
    query_failed(r, m.error);
  } else if (m.state) {
    if (m.state->is_model == r.is_model()) {
      compare(r, std::move(*m.state));
    } else {
      complain(r, "query", "mismatching resource type");
    }
  } else {
    return query_events(r, m);
  }
  return true;
}

// Handles a query request that failed. If no answer came, asks for the full state instead. If the service answered with
// an error, does not ask again: the service cannot tell what has changed.
void Cache::query_failed(CachedResource& r, const ErrorPtr& error) {
  // The gateway itself reports errors::not_found when no service listens; the resource may still exist. The resource is
  // deleted only if a service has sent an error with this code.
  if (error->code == errors::not_found->code && error != errors::not_found) return deleted(r, {});
  if (error != errors::lost) complain(r, "query", error->message);
  if (error == errors::lost || error == errors::timeout || error == errors::not_found) reset(r);
}

// Applies the events of an answer while units of work are left. Returns false if events are left for the next turn.
bool Cache::query_events(CachedResource& r, QueryAnswer& m) {
  std::size_t done = 0;
  while (done < m.events.size() && spend(1)) {
    ++counters_.events;
    event(r, std::move(m.events[done++]));
    if (find(m.resource) == nullptr) return true;
  }
  m.events.erase(m.events.begin(), m.events.begin() + static_cast<std::ptrdiff_t>(done));
  return m.events.empty();
}

}  // namespace resflow
