// Query events: sends a query request for each resource of the name, and applies the answers (RES-Service protocol,
// "Query event", "Query request"). Messages for the name wait until all answers are applied.
#include "nodes/cache/cache.hpp"

namespace resflow {

// "Query event": "any subscriber receiving the event should send a query request on that subject for each query".
void Cache::ask_for_query(CachedResource& r, const std::string& subject) {
  // The resource without a query is not concerned. A resource that is still loading will arrive with the change.
  if (r.query().empty() || !r.loaded()) return;
  if (r.query_out) return reset(r);  // two answers could arrive in either order, so the full state is fetched instead
  r.query_out = true;
  CachedName& name = *r.name;
  hold(name);
  out_->ask.emplace_back(
      ServiceRequest{name.name, subject, encode_query_request(r.query()), QueryFor{name.handle, r.id}});
}

void Cache::on(QueryAnswer&& m) {
  if (!go_on(m)) add_work(std::move(m));
}

// Applies the answer to a query request. Returns false if more of its events are left. The name is still there: names
// for which messages wait are not evicted.
bool Cache::go_on(QueryAnswer& m) {
  CachedName& name = *by_handle_.at(m.name_handle);
  if (CachedResource* r = find(m.resource); r != nullptr && !query_answer(*r, m)) return false;
  if (CachedResource* r = find(m.resource)) r->query_out = false;
  let_through(name);
  return true;
}

// Applies the answer to the resource. Returns false if more of its events are left.
bool Cache::query_answer(CachedResource& r, QueryAnswer& m) {
  if (r.comparison) {  // the state must not change now; it is fetched again later instead
    r.obtain_refresh().again = true;
    return true;
  }
  if (r.resetting()) {  // the full state replaces the answer: it is under way, or is asked for now
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

// Handles a query request that failed. If no answer came, the query event is made up for: the full state is fetched. A
// service that answers with an error says that it cannot tell what has changed, and nothing more is asked of it.
void Cache::query_failed(CachedResource& r, const ErrorPtr& error) {
  // errors::not_found itself is the gateway's own: no service listens. It does not mean that the resource is gone.
  if (error->code == errors::not_found->code && error != errors::not_found) return deleted(r, {});
  if (error != errors::lost) complain(r, "query", error->message);
  if (error == errors::lost || error == errors::timeout || error == errors::not_found) reset(r);
}

// Applies the events of an answer, as far as units of work are left. Returns false if events are left.
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
