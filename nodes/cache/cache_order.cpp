// Keeps the messages for each name in order. Three things make later messages for a name wait in the queue of that
// name: a query request until its answer is applied, a comparison of two states until its edits are sent, and a sweep
// (a visit to all resources of the name) until it is done. The code that begins one of these three calls hold(); the
// code that ends it calls let_through(). A get request makes no message wait: until its answer comes, the cache drops
// events that change the state (Cache::event).
#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// Returns the name in whose queue the message may have to wait. Returns null if that name is not cached, or if this
// kind of message never waits. For example, a QueryAnswer and a DiffResult never wait, because they are what other
// messages wait for.
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

// Decides for every message that arrives whether it must wait. First applies to the name of the message all system
// resets that were not applied to this name yet. Returns true if the message was moved into the queue of its name;
// returns false if the caller must dispatch the message now.
bool Cache::must_wait(CacheIn& message) {
  if (waiting_names_ == 0 && resets_.empty()) return false;
  CachedName* name = name_of(message);
  if (name == nullptr) return false;
  catch_up(*name);
  if (!name->waits) return false;
  defer(*name, std::move(message));
  return true;
}

// Makes later messages for the name wait until let_through() has been called once for each call of hold().
void Cache::hold(CachedName& name) {
  ++name.holds;
  if (std::exchange(name.waits, true)) return;
  ++waiting_names_;
}

// Ends the effect of one call of hold(), which has made messages for the name wait. If no other hold() is in effect,
// handles the waiting messages in order: now, or as queued work if they are too many for this turn.
void Cache::let_through(CachedName& name) {
  --name.holds;
  if (name.draining || drain(name)) return;
  name.draining = true;
  add_work(Drain{name.handle});
}

// Handles waiting messages in order. Stops when a message makes later messages wait again (hold() was called). Also
// stops when no units of work are left for this turn; then returns false if messages are left.
bool Cache::drain(CachedName& name) {
  while (name.holds == 0 && !name.deferred.empty()) {
    if (!spend(1)) return false;
    let_oldest_through(name);
  }
  if (name.holds > 0) return true;  // let_through() handles the messages that are left, once `holds` is 0
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

// Appends a message to the queue of its name. When too many messages wait, handles the oldest messages now. If they
// waited only because the cache had done its limit of work for one turn, or for a sweep (which is finished first), the
// order stays right. If they waited for a query answer or a comparison, they are handled too early: before that answer
// or the edits of that comparison are applied.
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

// Returns true if too many messages wait for this name, or if the waiting messages take too many bytes.
bool Cache::overflows(const CachedName& name) const {
  const std::size_t all = limits_.bytes / 8;
  return name.deferred.size() > limits_.deferred || name.deferred_bytes > all / 8 ||
         (deferred_bytes_ > all && !name.deferred.empty());
}

}  // namespace resflow
