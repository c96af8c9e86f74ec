// Cuts long work into pieces. Clients and services decide how much work there is, so the cache limits how much it does
// in one turn of its lane: CacheLimits::piece units. In a turn, the lane handles the messages that have arrived. Small
// work is done at once. Work that exceeds the limit goes into the queue `work_`. Each turn does one piece for each
// entry of the queue, as far as the limit allows. So the cost of a turn is bounded, however much there is to do and for
// however many names.
//
// The limit is for the sum of all work between two Continue messages (which the cache sends to itself while the queue
// has entries) or Tick messages (which come regularly). It is not for each single message, because many messages that
// each cause little work could also make a turn long.
#include <algorithm>
#include <utility>

#include "nodes/cache/cache.hpp"

namespace resflow {

// Takes `units` from the units of work that are left. Returns false if no unit was left; the caller must then stop. If
// some units were left, but fewer than `units`, takes all that were left and returns true, so the final piece of work
// in a turn may exceed the limit.
bool Cache::spend(std::size_t units) {
  if (units_ == 0) return false;
  units_ -= std::min(units_, units);
  return true;
}

// Queues work that is not done yet, and makes sure that a Continue message comes in the next turn.
void Cache::add_work(Work&& work) {
  work_.push_back(std::move(work));
  if (!std::exchange(continues_, true)) out_->later.emplace_back(Continue{});
}

// Does one piece of work for each entry of the queue, while units are left. Unfinished work goes to the end of the
// queue.
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

// Does a sweep: visits all resources of the name. If there are too many for this turn, queues the visits that are left,
// and makes messages for the name wait until the sweep is done.
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

// Completes all sweeps (visits to all resources) of the name at once, without a limit. Called before a waiting message
// is handled early. That message may bring the first state of a resource, and the state may already include the change
// of a query event. A sweep for this query event that visits the resource later would ask for the same change again.
void Cache::finish_sweeps(CachedName& name) {
  if (name.sweeps == 0) return;
  const std::size_t units = std::exchange(units_, SIZE_MAX);
  for (Work& work : work_) {
    Sweep* s = std::get_if<Sweep>(&work);
    if (s != nullptr && s->name_handle == name.handle) walk(name, *s);
  }
  units_ = units;
}

// Visits the resources that the sweep has not visited yet, while units of work are left. Returns true if the sweep has
// visited all resources.
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

// Does for one resource what the sweep does for all resources of the name; Cache::Sweep lists the reasons for a sweep.
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
