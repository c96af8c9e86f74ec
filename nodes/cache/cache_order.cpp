// What waits for what: traffic of a name that is held while answers or pieces of work are out.
#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// The name whose order the message keeps; null when there is none, or it may always pass: what answers end a hold.
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

// The door of the node. False: it is to be dispatched; else it has been taken.
bool Cache::must_wait(CacheIn& message) {
  if (waiting_names_ == 0 && resets_.empty()) return false;
  CachedName* name = name_of(message);
  if (name == nullptr) return false;
  catch_up(*name);
  if (!name->waits) return false;
  defer(*name, std::move(message));
  return true;
}

void Cache::hold(CachedName& name) {
  ++name.holds;
  if (std::exchange(name.waits, true)) return;
  ++waiting_names_;
}

// An answer is in, or work is done; when it was the last, what waited goes on in order.
void Cache::let_through(CachedName& name) {
  --name.holds;
  if (name.draining || drain(name)) return;
  name.draining = true;
  add_work(Drain{name.handle});
}

// False: there is more.
bool Cache::drain(CachedName& name) {
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

bool Cache::go_on(Drain& d) {
  CachedName* name = find_name(d.name_handle);
  if (name == nullptr) return true;
  if (name->waits && !drain(*name)) return false;
  name->draining = false;
  return true;
}

void Cache::let_oldest_through(CachedName& name) {
  CachedName::Deferred oldest = name.deferred.pop();
  name.deferred_bytes -= oldest.bytes;
  deferred_bytes_ -= oldest.bytes;
  counters_.bytes -= oldest.bytes;
  dispatch(std::move(oldest.message));
}

// When too much waits, it pushes the oldest through. Where they wait for their turn only, nothing is lost by that;
// where they wait for answers, order gives way.
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

bool Cache::overflows(const CachedName& name) const {
  const std::size_t all = limits_.bytes / 8;
  return name.deferred.size() > limits_.deferred || name.deferred_bytes > all / 8 ||
         (deferred_bytes_ > all && !name.deferred.empty());
}

}  // namespace resflow
