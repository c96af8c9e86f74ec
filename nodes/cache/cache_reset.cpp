// Full states that replace cached ones: after a system reset, or as the answer to a query request.
#include <utility>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// "System reset event": the resource may be out of date, so its full state is asked for.
void Cache::reset(CachedResource& r) {
  CachedResource::Refresh& refresh = r.obtain_refresh();
  if (!r.loaded() || refresh.resetting || r.comparison) {
    refresh.again = true;  // what is on the way may be older than this reset
    return;
  }
  refresh.resetting = true;
  get(r, true, refresh.throttle);
}

// A state that a later reset has overtaken is applied all the same, and another one asked for behind it: when resets
// come faster than states, clients still get on.
void Cache::reset_answer(CachedResource& r, Decoded<GetResult>&& result) {
  ErrorPtr error = result.error;
  if (!error && result.value.resource.is_model != r.is_model()) error = internal_error("mismatching resource type");
  if (error && !r.resetting()) return;  // it was asked for twice, since an answer seemed lost
  CachedResource::Refresh& refresh = r.obtain_refresh();
  if (r.comparison) {  // likewise: the state must not change now
    refresh.again = true;
    return;
  }
  if (error == errors::lost) return ask_again(r);
  // What is still to be answered is about an older state than this, and would be applied to it.
  if (!error && r.query_out) {
    refresh.resetting = true;
    refresh.behind_queries = true;
    return;
  }
  if (!error) return compare(r, std::move(result.value.resource));
  if (std::exchange(refresh.again, false)) return get(r, true, refresh.throttle);
  if (error->code == errors::not_found->code) {
    refresh.resetting = false;
    return deleted(r, {});
  }
  log_.log(LogLevel::error, "Subscription " + r.name->name + ": Reset get error - " + error->message);
  retry_later(r);
}

void Cache::retry_later(CachedResource& r) {
  r.refresh->retry_at = now_ + limits_.reset_retry;
  retries_.push_back(*r.refresh);
}

// Finds out how the full state differs; until that is known, and told, all traffic of the name waits, so neither state
// changes.
void Cache::compare(CachedResource& r, Resource&& next) {
  hold(*r.name);
  state(r);
  r.comparison = std::make_unique<CachedResource::Comparison>();
  r.comparison->next = std::make_shared<Resource>(std::move(next));
  r.comparison->bytes = bytes_of(*r.comparison->next);
  count(r);
  out_->diff.push_back(DiffIn{r.name->handle, r.id, r.state, r.comparison->next});
}

void Cache::on(DiffResult&& m) {
  if (CachedResource* r = find(m.resource)) {
    r->comparison->edits = std::move(m.edits);
    r->comparison->compared = true;
  }
  if (Telling telling{m.name_handle, m.resource}; !go_on(telling)) add_work(telling);
}

// The name is kept while it is held.
bool Cache::go_on(Telling& t) {
  CachedResource* r = find(t.resource);
  while (r != nullptr && r->comparison && r->comparison->compared) {
    if (!spend(1)) return false;
    tell_edits(*r, 1);
  }
  let_through(*by_handle_.at(t.name_handle));
  return true;
}

// The edits remove from the end, then add from the beginning: so a value that goes still has the index that it had, and
// the state they lead to is here already.
void Cache::tell_edits(CachedResource& r, std::size_t at_most) {
  CachedResource::Comparison& c = *r.comparison;
  for (; c.told < c.edits.size() && at_most > 0; --at_most) edit(r, std::move(c.edits[c.told++]));
  if (c.told == c.edits.size()) take_next(r);
}

// Clients have been told: the full state becomes the cached one.
void Cache::take_next(CachedResource& r) {
  const std::unique_ptr<CachedResource::Comparison> comparison = std::move(r.comparison);
  if (!comparison->edits.empty()) {
    r.state = comparison->next;
    r.state_bytes = comparison->bytes;
    r.snapshot = nullptr;
  } else if (r.snapshot) {
    keep_as_text(r);
  }
  count(r);
  const std::unique_ptr<CachedResource::Refresh> refresh = std::move(r.refresh);
  if (!refresh || !refresh->again) return;
  r.obtain_refresh().throttle = refresh->throttle;
  reset(r);
}

// What is still to be done of earlier resets is done with this one, so that those that wait are few.
void Cache::on(SystemReset&& m) {
  constexpr std::size_t at_most = 16;
  const bool under_way = !resets_.empty();
  PendingReset reset;
  reset.number = ++last_reset_;
  for (const std::string& pattern : m.resources) reset.resources.add(pattern);
  for (const std::string& pattern : m.access) reset.access.add(pattern);
  if (resets_.size() == at_most) {
    reset.resources.add(resets_.back().resources);
    reset.access.add(resets_.back().access);
    resets_.pop_back();
  }
  resets_.push_back(std::move(reset));
  if (under_way) return;
  if (Resets resets; !go_on(resets)) add_work(resets);
}

// Goes through all names in the order in which they were first wanted, once more when a reset has come meanwhile.
bool Cache::go_on(Resets&) {
  while (!resets_.empty()) {
    if (reset_at_ == nullptr) {
      reset_goal_ = last_reset_;
      if (!in_order_.empty()) reset_at_ = &in_order_.front();
    }
    while (reset_at_ != nullptr) {
      CachedName& name = *reset_at_;
      std::size_t cost = 0;
      for (const PendingReset& reset : resets_) cost += reset.number > name.resets_seen ? reset.cost() : 0;
      if (!spend(1 + cost)) return false;
      pass_by(name);
      catch_up(name);
    }
    while (!resets_.empty() && resets_.front().number <= reset_goal_) resets_.pop_front();
  }
  return true;
}

// The resets' way through the names leads on behind this one.
void Cache::pass_by(CachedName& name) {
  const auto next = std::next(in_order_.iterator_to(name));
  reset_at_ = next == in_order_.end() ? nullptr : &*next;
}

// Resets that have not come to the name yet do now, behind what waits on it.
void Cache::catch_up(CachedName& name) {
  if (name.resets_seen == last_reset_) return;
  for (const PendingReset& reset : resets_) {
    if (reset.number <= name.resets_seen) continue;
    name.resets_seen = reset.number;
    NameReset m{name.handle, reset.resources.matches(name.name), reset.access.matches(name.name),
                throttle_id(ThrottleKind::reset, 0, reset.number)};
    if (!m.resources && !m.access) continue;
    if (name.waits) {
      defer(name, m);
    } else {
      on(std::move(m));
    }
  }
  name.resets_seen = last_reset_;
}

void Cache::on(NameReset&& m) {
  CachedName* name = find_name(m.name_handle);
  if (name != nullptr) sweep(*name, Sweep{.name_handle = m.name_handle, .reset = m});
}

}  // namespace resflow
