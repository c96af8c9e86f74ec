// Work that others can make as long as they like, in pieces. What is small is done at once; what is not goes into one
// queue, of which the node does limits_.piece units a turn, and each in it has its turn. So what a turn costs is
// bounded however much there is to do, and however many names want it done.
//
// Between two Continue messages, or two of the time, so many units may be spent in all: many small ones add up.
#include <algorithm>
#include <utility>

#include "nodes/cache/cache.hpp"

namespace resflow {

bool Cache::spend(std::size_t units) {
  if (units_ == 0) return false;
  units_ -= std::min(units_, units);
  return true;
}

void Cache::add_work(Work&& work) {
  work_.push_back(std::move(work));
  if (!std::exchange(continues_, true)) out_->later.emplace_back(Continue{});
}

void Cache::on(Continue&&) {
  units_ = limits_.piece;
  for (std::size_t left = work_.size(); left > 0 && units_ > 0; --left) {
    Work work = std::move(work_.front());
    work_.pop_front();
    if (!std::visit([this](auto& w) { return go_on(w); }, work)) work_.push_back(std::move(work));
  }
  continues_ = !work_.empty();
  if (continues_) out_->later.emplace_back(Continue{});
}

// The name is held until the sweep has been through all its resources.
void Cache::sweep(CachedName& name, Sweep&& s) {
  if (walk(name, s)) return;
  hold(name);
  ++name.sweeps;
  add_work(std::move(s));
}

bool Cache::go_on(Sweep& s) {
  CachedName& name = *by_handle_.at(s.name_handle);
  if (!walk(name, s)) return false;
  --name.sweeps;
  let_through(name);
  return true;
}

// What is let through before its time must not come in between: a resource that is loaded now has the change that the
// rest of a sweep would ask for.
void Cache::finish_sweeps(CachedName& name) {
  if (name.sweeps == 0) return;
  const std::size_t units = std::exchange(units_, SIZE_MAX);
  for (Work& work : work_) {
    Sweep* s = std::get_if<Sweep>(&work);
    if (s != nullptr && s->name_handle == name.handle) walk(name, *s);
  }
  units_ = units;
}

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
