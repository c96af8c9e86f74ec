// What waits for what: resets, query events, and the traffic that is held while their answers are out.
#include "nodes/merge.hpp"

namespace resflow {

// False when too much waits already: then order gives way, and the resources of the name are fetched anew.
bool Merge::defer(CachedName& name, MergeIn&& m) {
  if (name.deferred.size() < limits_.deferred) {
    name.deferred.push(std::move(m));
    return true;
  }
  log_.log(LogLevel::error, "Too many messages wait on " + name.name + ": its resources are fetched anew");
  for (const auto& r : name.resources) reset(*r);
  return false;
}

// An answer is in; when it was the last one, what waited goes on in order.
void Merge::let_through(CachedName& name) {
  --name.holds;
  while (name.holds == 0 && !name.deferred.empty()) {
    std::visit([this](auto&& m) { on(std::move(m)); }, name.deferred.pop());
  }
  if (name.holds == 0 && !name.in_use()) release(name);
}

// "Query event": "any subscriber receiving the event should send a query request on that subject for each query".
void Merge::query_event(CachedName& name, const std::string& subject) {
  for (const auto& r : name.resources) {
    // One that is still being fetched will be fetched with the change.
    if (r->query().empty() || !r->loaded()) continue;
    ++name.holds;
    out_->ask.emplace_back(
        ServiceRequest{name.name, subject, encode_query_request(r->query()), QueryFor{name.handle, r->id}});
  }
}

void Merge::on(QueryAnswer&& m) {
  CachedName& name = *by_handle_.at(m.name);  // it is kept while it is held
  if (CachedResource* r = find(m.resource)) query_answer(*r, std::move(m));
  let_through(name);
}

void Merge::query_answer(CachedResource& r, QueryAnswer&& m) {
  if (r.resetting()) return;  // its full state is on the way
  if (m.error == errors::lost) return reset(r);
  if (m.error) {
    const bool gone = m.error->code == errors::not_found->code && m.error != errors::not_found;
    return gone ? deleted(r) : complain(r, "query", m.error->message);
  }
  if (m.state) {
    if (m.state->is_model == r.is_model()) return compare(r, std::move(*m.state));
    return complain(r, "query", "mismatching resource type");
  }
  for (ServiceEvent& e : m.events) {
    ++counters_.events;
    event(r, std::move(e));
    if (find(m.resource) == nullptr) return;
  }
}

// "System reset event": the resource may be out of date, so its full state is asked for.
void Merge::reset(CachedResource& r) {
  CachedResource::Refresh& refresh = r.obtain_refresh();
  if (!r.loaded() || refresh.resetting) {
    refresh.again = true;  // what is on the way may be older than this reset
    return;
  }
  refresh.resetting = true;
  get(r, true, refresh.throttle);
}

// A state that a later reset has overtaken is applied all the same, and another one asked for behind it: when resets
// come faster than states, clients still get on.
void Merge::reset_answer(CachedResource& r, Decoded<GetResult>&& result) {
  ErrorPtr error = result.error;
  if (!error && result.value.resource.is_model != r.is_model()) error = internal_error("mismatching resource type");
  if (!error) return compare(r, std::move(result.value.resource));
  if (!r.resetting()) return;  // it was asked for twice, since an answer seemed lost
  CachedResource::Refresh& refresh = *r.refresh;
  if (std::exchange(refresh.again, false)) return get(r, true, refresh.throttle);
  if (error->code == errors::not_found->code) {
    refresh.resetting = false;
    return deleted(r);
  }
  log_.log(LogLevel::error, "Subscription " + r.name->name + ": Reset get error - " + error->message);
  retry_later(r);
}

void Merge::retry_later(CachedResource& r) {
  r.refresh->retry_at = now_ + limits_.reset_retry;
  retries_.emplace_back(r.refresh->retry_at, r.id);
}

// Finds out how the full state differs; until that is known, all traffic of the name waits, so neither state changes.
void Merge::compare(CachedResource& r, Resource&& next) {
  ++r.name->holds;
  state(r);
  CachedResource::Refresh& refresh = r.obtain_refresh();
  refresh.next = std::make_shared<Resource>(std::move(next));
  out_->diff.push_back(DiffIn{r.name->handle, r.id, r.state, refresh.next});
}

void Merge::on(DiffResult&& m) {
  CachedName& name = *by_handle_.at(m.name);
  if (CachedResource* r = find(m.resource)) apply(*r, std::move(m.edits));
  let_through(name);
}

void Merge::apply(CachedResource& r, std::vector<Edit>&& edits) {
  const std::unique_ptr<CachedResource::Refresh> refresh = std::exchange(r.refresh, nullptr);
  edit(r, std::move(edits), std::move(refresh->next));
  if (r.snapshot) keep_as_text(r);  // nothing has changed
  if (!refresh->again) return;
  r.obtain_refresh().throttle = refresh->throttle;
  reset(r);
}

}  // namespace resflow
