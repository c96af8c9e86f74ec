// Keeps the messages about each resource name in order. (A name has several resources if clients use it with several
// queries.) A message about a name waits in the queue of the name until
// - every query request for resources of the name is answered and the answer is applied,
// - every comparison of a cached state with a newer one is done and the differences are sent as events,
// - every sweep (the same work on all resources of the name, one after the other) is done.
// Code that begins a query request, a comparison or a sweep calls hold(); code that ends it calls let_through(). While
// a get request is under way, messages do not wait. Instead, the cache drops events that change the state
// (Cache::event).
#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// Returns the resource name that the message belongs to, if the message may have to wait in the queue of that name.
// Returns null if the name is not cached, or if such messages never wait. For example, a QueryAnswer never waits,
// because it is what other messages wait for.
CachedName* Cache::name_of(const CacheIn& message) {
  if (const auto* event = std::get_if<Boxed<ServiceEvent>>(&message)) return find_name((*event)->handle);
  if (const auto* s = std::get_if<Subscribe>(&message)) return names_.find(s->target->name());
  if (const auto* w = std::get_if<Withdraw>(&message)) return names_.find(w->target->name());
  if (const auto* reply = std::get_if<OrderedReply>(&message)) return names_.find(std::string_view(reply->name));
  if (const auto* reset = std::get_if<NameReset>(&message)) return find_name(reset->name_handle);
  if (const auto* answer = std::get_if<Boxed<GetAnswer>>(&message)) {
    const CachedResource* r = find((*answer)->resource);
    return r == nullptr ? nullptr : r->name;
  }
  return nullptr;
}

// Called for every message that arrives. First makes sure that all system resets so far (services declare names
// outdated) are applied to the name of the message. Then, if the message must wait, moves it into the queue of its name
// and returns true. Otherwise returns false, and the caller must handle the message now.
bool Cache::must_wait(CacheIn& message) {
  if (waiting_names_ == 0 && resets_.empty()) return false;
  CachedName* name = name_of(message);
  if (name == nullptr) return false;
  catch_up(*name);
  if (!name->waits) return false;
  defer(*name, std::move(message));
  return true;
}

// Makes later messages for the name wait. They wait until let_through() has been called as often as hold().
void Cache::hold(CachedName& name) {
  ++name.holds;
  if (std::exchange(name.waits, true)) return;
  ++waiting_names_;
}

// Undoes one call of hold() for this name. When all calls of hold() for the name are undone, handles the messages that
// have waited, in order. If the limit of work for this turn (CacheLimits::piece) is reached before the last message,
// queues the rest as work for a later turn.
void Cache::let_through(CachedName& name) {
  --name.holds;
  if (name.draining || drain(name)) return;
  name.draining = true;
  add_work(Drain{name.handle});
}

// Handles the waiting messages of a name in order, as long as CachedName::holds is 0. Returns true if none is left, or
// if it stopped because `holds` is not 0. Returns false if the limit of work for this turn is reached and messages are
// left; the caller must then queue a Drain.
bool Cache::drain(CachedName& name) {
  while (name.holds == 0 && !name.deferred.empty()) {
    if (!spend(1)) return false;
    let_oldest_through(name);
  }
  if (name.holds > 0) return true;  // the messages that are left wait for further calls of let_through()
  name.waits = false;
  name.overflown = false;
  --waiting_names_;
  release(name);
  return true;
}

bool Cache::continue_work(Drain& d) {
  CachedName* name = find_name(d.name_handle);
  if (name == nullptr) return true;
  if (name->waits && !drain(*name)) return false;
  name->draining = false;
  return true;
}

// Takes the oldest waiting message out of the queue and handles it.
void Cache::let_oldest_through(CachedName& name) {
  CachedName::Deferred oldest = name.deferred.pop();
  name.deferred_bytes -= oldest.bytes;
  deferred_bytes_ -= oldest.bytes;
  counters_.bytes -= oldest.bytes;
  dispatch(std::move(oldest.message));
}

// Appends a message to the queue of its name. As long as the queue exceeds its limits, handles the oldest message at
// once, although an answer of a service or a comparison of states is still awaited. Before that, finishes all sweeps
// (visits to all resources of the name), so that no message overtakes them.
void Cache::defer(CachedName& name, CacheIn&& m) {
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

// Returns true if too many messages wait. There are three limits:
// - limits_.deferred messages for this name,
// - 1/64 of the byte limit of the cache for the messages of this name,
// - 1/8 of the byte limit of the cache for the messages of all names; it counts only if messages of this name wait.
bool Cache::overflows(const CachedName& name) const {
  const std::size_t all = limits_.bytes / 8;
  return name.deferred.size() > limits_.deferred || name.deferred_bytes > all / 8 ||
         (deferred_bytes_ > all && !name.deferred.empty());
}

}  // namespace resflow
