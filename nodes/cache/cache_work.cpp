// Cuts long work into pieces, since one message of a client or service can cause very much work. The cache does at most
// CacheLimits::piece units of work, then lets its lane handle other messages. Unfinished work goes into the queue
// `work_`. A Continue message, which the cache sends to itself, makes it do the next piece of each entry in the queue.
//
// The units of all messages are counted together, from one Continue or Tick message (a Tick comes regularly) to the
// next. The reason: many messages that each cause little work can also take long.
#include <algorithm>
#include <utility>

#include "nodes/cache/cache.hpp"

namespace resflow {

// Called before a piece of work that takes `units`. Returns true if the piece may be done, and subtracts `units` from
// the units that are left. Returns false if none is left; the caller must stop. If fewer than `units` are left, returns
// true all the same, so the last piece may exceed the limit.
bool Cache::spend(std::size_t units) {
  if (units_ == 0) return false;
  units_ -= std::min(units_, units);
  return true;
}

// Queues unfinished work, and makes sure that a Continue message will come. This message makes the cache go on with the
// work.
void Cache::add_work(Work&& work) {
  work_.push_back(std::move(work));
  if (!std::exchange(continues_, true)) out_->later.emplace_back(Continue{});
}

// Does one piece of each unfinished work in the queue, until the limit of work is reached. Work that is still not
// finished goes to the end of the queue.
void Cache::on(Continue&&) {
  units_ = limits_.piece;
  for (std::size_t left = work_.size(); left > 0 && units_ > 0; --left) {
    Work work = std::move(work_.front());
    work_.pop_front();
    if (!std::visit([this](auto& w) { return continue_work(w); }, work)) work_.push_back(std::move(work));
  }
  continues_ = !work_.empty();
  if (continues_) out_->later.emplace_back(Continue{});
}

// Does a sweep: visits all resources of the name. If the limit of work is reached before the end, queues the visits
// that are left, and makes messages for the name wait until they are done.
void Cache::sweep(CachedName& name, Sweep&& s) {
  if (walk(name, s)) return;
  hold(name);
  ++name.sweeps;
  add_work(std::move(s));
}

bool Cache::continue_work(Sweep& s) {
  CachedName& name = *by_handle_.at(s.name_handle);
  if (!walk(name, s)) return false;
  --name.sweeps;
  let_through(name);
  return true;
}

// Finishes all sweeps (visits to all resources) of the name now, however long this takes. Messages about the name
// normally wait until its sweeps end. This function is called before such a message is handled early because too many
// wait: it must not overtake a sweep. For example, it could bring the first state of a resource, and the sweep would
// then ask the service for a change that this state already includes.
void Cache::finish_sweeps(CachedName& name) {
  if (name.sweeps == 0) return;
  const std::size_t units = std::exchange(units_, SIZE_MAX);
  for (Work& work : work_) {
    Sweep* s = std::get_if<Sweep>(&work);
    if (s != nullptr && s->name_handle == name.handle) walk(name, *s);
  }
  units_ = units;
}

// Goes on with a sweep (a visit to all resources of the name) where it stopped, until the limit of work is reached.
// Returns true if all resources were visited.
bool Cache::walk(CachedName& name, Sweep& s) {
  if (s.done) return true;
  CachedResource* r = s.begun ? name.resources.behind(s.behind) : name.resources.first();
  CachedResource* latest = nullptr;
  for (; r != nullptr && spend(1); r = name.resources.behind(r->query())) {
    visit(*r, s);
    latest = r;
  }
  if (r != nullptr && latest != nullptr) {
    s.begun = true;
    s.behind = latest->query();
  }
  s.done = r == nullptr;
  return s.done;
}

// Does the work of a sweep (a visit to all resources of a name) for one resource. Depending on the cause of the sweep,
// sends a query request, asks for the state again, or handles a reset or reaccess event.
void Cache::visit(CachedResource& r, const Sweep& s) {
  if (!s.subject.empty()) return ask_for_query(r, s.subject);
  if (s.anew) return want_anew(r);
  if (s.reset.resources) {
    if (s.reset.throttle != 0) r.obtain_refresh().throttle = s.reset.throttle;
    reset(r);
  }
  if (s.reset.access) reaccess(r, s.reset.throttle);
}

}  // namespace resflow
