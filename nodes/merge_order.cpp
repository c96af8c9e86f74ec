// What waits for what: traffic of a name that is held while answers or pieces of work are out.
#include "nodes/cache_bytes.hpp"
#include "nodes/merge.hpp"

namespace resflow {

// The name whose order the message keeps; null when there is none, or it may always pass: what answers end a hold.
CachedName* Merge::name_of(const MergeIn& message) {
  if (const auto* event = std::get_if<Boxed<ServiceEvent>>(&message)) return find_name((*event)->handle);
  if (const auto* s = std::get_if<Subscribe>(&message)) return names_.find(s->target->name());
  if (const auto* w = std::get_if<Withdraw>(&message)) return names_.find(w->target->name());
  if (const auto* reply = std::get_if<PassOn>(&message)) return names_.find(std::string_view(reply->name));
  if (const auto* reset = std::get_if<NameReset>(&message)) return find_name(reset->name);
  if (const auto* answer = std::get_if<Boxed<GetAnswer>>(&message)) {
    const CachedResource* r = find((*answer)->resource);
    return r == nullptr ? nullptr : r->name;
  }
  return nullptr;
}

// The door of the node. False: it is to be dispatched; else it has been taken.
bool Merge::must_wait(MergeIn& message) {
  if (waiting_names_ == 0 && resets_.empty()) return false;
  CachedName* name = name_of(message);
  if (name == nullptr) return false;
  catch_up(*name);
  if (!name->waits) return false;
  defer(*name, std::move(message));
  return true;
}

void Merge::hold(CachedName& name) {
  ++name.holds;
  if (std::exchange(name.waits, true)) return;
  ++waiting_names_;
}

// An answer is in, or work is done; when it was the last, what waited goes on in order.
void Merge::let_through(CachedName& name) {
  --name.holds;
  if (name.draining || drain(name)) return;
  name.draining = true;
  add_work(Drain{name.handle});
}

// False: there is more.
bool Merge::drain(CachedName& name) {
  while (name.holds == 0 && !name.deferred.empty()) {
    if (!spend(1)) return false;
    let_oldest_through(name);
  }
  if (name.holds > 0) return true;  // it goes on when that has ended
  name.waits = false;
  name.overflown = false;
  --waiting_names_;
  release(name);
  return true;
}

bool Merge::go_on(Drain& d) {
  CachedName* name = find_name(d.name);
  if (name == nullptr) return true;
  if (name->waits && !drain(*name)) return false;
  name->draining = false;
  return true;
}

void Merge::let_oldest_through(CachedName& name) {
  CachedName::Deferred oldest = name.deferred.pop();
  name.deferred_bytes -= oldest.bytes;
  deferred_bytes_ -= oldest.bytes;
  counters_.bytes -= oldest.bytes;
  dispatch(std::move(oldest.message));
}

// When too much waits, it pushes the oldest through. Where they wait for their turn only, nothing is lost by that;
// where they wait for answers, order gives way.
void Merge::defer(CachedName& name, MergeIn&& m) {
  const std::size_t bytes = bytes_of(m);
  name.deferred.push({std::move(m), bytes});
  name.deferred_bytes += bytes;
  deferred_bytes_ += bytes;
  counters_.bytes += bytes;
  if (!overflows(name)) return;
  if (name.holds > 0 && !std::exchange(name.overflown, true)) {
    ++counters_.overflows;
    log_.log(LogLevel::error, "Too many messages wait on " + name.name + ": the oldest go on before their time");
  }
  while (overflows(name)) {
    finish_sweeps(name);
    let_oldest_through(name);
  }
}

bool Merge::overflows(const CachedName& name) const {
  const std::size_t all = limits_.bytes / 8;
  return name.deferred.size() > limits_.deferred || name.deferred_bytes > all / 8 ||
         (deferred_bytes_ > all && !name.deferred.empty());
}

// "Query event": "any subscriber receiving the event should send a query request on that subject for each query".
void Merge::ask_for_query(CachedResource& r, const std::string& subject) {
  // One that is still being fetched will be fetched with the change.
  if (r.query().empty() || !r.loaded()) return;
  if (r.query_out) return reset(r);  // the answers would come in any order
  r.query_out = true;
  CachedName& name = *r.name;
  hold(name);
  out_->ask.emplace_back(
      ServiceRequest{name.name, subject, encode_query_request(r.query()), QueryFor{name.handle, r.id}});
}

void Merge::on(QueryAnswer&& m) {
  if (!go_on(m)) add_work(std::move(m));
}

// The name is kept while it is held.
bool Merge::go_on(QueryAnswer& m) {
  CachedName& name = *by_handle_.at(m.name);
  if (CachedResource* r = find(m.resource); r != nullptr && !query_answer(*r, m)) return false;
  if (CachedResource* r = find(m.resource)) r->query_out = false;
  let_through(name);
  return true;
}

// False: there are more events in it.
bool Merge::query_answer(CachedResource& r, QueryAnswer& m) {
  if (r.comparison) {  // the state must not change now, so what the answer says is fetched
    r.obtain_refresh().again = true;
    return true;
  }
  if (r.resetting()) {  // its full state is on the way, or is to be asked for now
    if (std::exchange(r.refresh->behind_queries, false)) get(r, true, r.refresh->throttle);
    return true;
  }
  if (m.error == errors::lost) {
    reset(r);
  } else if (m.error) {
    const bool gone = m.error->code == errors::not_found->code && m.error != errors::not_found;
    gone ? deleted(r, {}) : complain(r, "query", m.error->message);
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

bool Merge::query_events(CachedResource& r, QueryAnswer& m) {
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
