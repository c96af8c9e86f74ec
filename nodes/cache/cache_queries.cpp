// Handles query events. In a query event, a service gives a resource name, and says that the resources with this name
// and any query may have changed. For each of these resources in the cache, the cache sends a query request, and the
// service answers with the changes. Messages about the name wait until all answers are applied (RES-Service protocol,
// "Query event", "Query request").
#include "nodes/cache/cache.hpp"

namespace resflow {

// Called after a query event, for one resource: asks the service what has changed in it. `subject` is the NATS subject
// for query requests that the event names. RES-Service protocol, "Query event": "any subscriber receiving the event
// should send a query request on that subject for each query".
void Cache::ask_for_query(CachedResource& r, const std::string& subject) {
  // Query events are only about resources with a query. A resource that is still loading needs no request: its first
  // state will include the change.
  if (r.query().empty() || !r.loaded()) return;
  // The previous query request is not answered yet. The answers to two requests could come in either order, so the
  // cache asks for the full state instead.
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

// Applies the answer to a query request: a list of events, a full state or an error. Then processes the messages about
// the name that have waited for the answer. Returns false if the limit of work for this turn is reached and events of
// the list are left; the caller must then call it again later. The name's record still exists, since ask_for_query()
// has called hold(), which prevents its eviction.
bool Cache::continue_work(QueryAnswer& m) {
  CachedName& name = *by_handle_.at(m.name_handle);
  if (CachedResource* r = find(m.resource); r != nullptr && !query_answer(*r, m)) return false;
  if (CachedResource* r = find(m.resource)) r->query_out = false;
  let_through(name);
  return true;
}

// Applies the answer to a query request to the resource. Returns false if events of the answer are left for later,
// because the limit of work for this turn is reached.
bool Cache::query_answer(CachedResource& r, QueryAnswer& m) {
  if (r.comparison) {  // a state must not change while it is compared: ask for a new state later
    r.obtain_refresh().again = true;
    return true;
  }
  // A full state will come, so the answer to the query request is not needed. If the get request for the full state had
  // to wait for this answer (`behind_queries`), sends it now.
  if (r.resetting()) {
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

// Handles a query request that failed. If no answer came, asks for the full state instead. If a service has answered
// with an error, only logs the error, or removes the resource if the error is "not found".
void Cache::query_failed(CachedResource& r, const ErrorPtr& error) {
  // The code of errors::not_found has two meanings. In an error that a service has sent: the resource is gone. In the
  // gateway's own error, which is the object errors::not_found: no service listens.
  if (error->code == errors::not_found->code && error != errors::not_found) return deleted(r, {});
  if (error != errors::lost) complain(r, "query", error->message);
  if (error == errors::lost || error == errors::timeout || error == errors::not_found) reset(r);
}

// Applies the events in the answer to a query request, until the limit of work is reached. Returns false if events are
// left for later.
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
