// Replaces the cached state of a resource by a full new state from the service: after a system reset, or when a query
// request is answered with a full state. Subscribers get the differences as events. The functions at the end of this
// file compare every cached name with the patterns of a system reset, and apply the reset to the names that match.
#include <utility>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

// Asks the service for the state of a resource whose cached state may be out of date (RES-Service protocol, "System
// reset event").
void Cache::reset(CachedResource& r) {
  CachedResource::Refresh& refresh = r.obtain_refresh();
  if (!r.loaded() || refresh.resetting || r.comparison) {
    refresh.again = true;  // the state that is awaited may be older than this reset: ask again when it has come
    return;
  }
  refresh.resetting = true;
  get(r, true, refresh.throttle);
}

// Handles the answer to a get request that was sent because of a reset event: compares the new state with the cached
// one. Compares them even if another reset event has come since the request; then asks once more after the comparison.
// So clients get newer states even if reset events come faster than answers.
void Cache::reset_answer(CachedResource& r, Decoded<GetResult>&& result) {
  ErrorPtr error = result.error;
  if (!error && result.value.resource.is_model != r.is_model()) error = internal_error("mismatching resource type");
  // Two get requests for this resource were under way (ask_again() can cause this), and the other answer was used.
  if (error && !r.resetting()) return;
  CachedResource::Refresh& refresh = r.obtain_refresh();
  if (r.comparison) {  // two get requests were under way; the other answer is being compared now
    refresh.again = true;
    return;
  }
  if (error == errors::lost) return ask_again(r);
  // A query request is under way. Its answer may list changes to an older state; they must not be applied to the new
  // state. So the cache drops the new state, and asks for it again after the query request.
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

// Plans to repeat the failed get request when CacheLimits::reset_retry has passed.
void Cache::retry_later(CachedResource& r) {
  // If two get requests for this resource were under way and both have failed, it is in retries_ already.
  r.refresh->retries.unlink();
  r.refresh->retry_at = now_ + limits_.reset_retry;
  retries_.push_back(*r.refresh);
}

// Sends the cached state and the new state to the diff node, which finds the differences; subscribers then get the
// differences as events. Until this is done, all messages about the name wait, so neither state changes.
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
  if (Telling telling{m.name_handle, m.resource}; !continue_work(telling)) add_work(telling);
}

// Sends subscribers the differences between the cached state and the new state as events. Returns false if the limit of
// work for this turn is reached before all are sent. When all are sent, handles the messages that have waited for this.
// The name's record still exists, since compare() has called hold(), which prevents its eviction.
bool Cache::continue_work(Telling& t) {
  CachedResource* r = find(t.resource);
  while (r != nullptr && r->comparison && r->comparison->compared) {
    if (!spend(1)) return false;
    tell_edits(*r, 1);
  }
  let_through(*by_handle_.at(t.name_handle));
  return true;
}

// Sends subscribers up to `at_most` edits (steps from the cached state to the new state) as events. After the last
// edit, makes the new state the cached state; until then, a cached collection stays as it was. The edits of a
// collection first remove values from the end to the start, and each index is the one in the cached state. Then they
// add values from the start to the end, and each index is the one in the new state. So the indexes are right for a
// client that applies the events one after the other.
void Cache::tell_edits(CachedResource& r, std::size_t at_most) {
  changing_ = r.id;
  CachedResource::Comparison& c = *r.comparison;
  for (; c.told < c.edits.size() && at_most > 0; --at_most) edit(r, std::move(c.edits[c.told++]));
  if (c.told == c.edits.size()) take_next(r);
}

// Makes the new state the cached state, after all differences were sent. If a reset came during the comparison, asks
// for the state once more.
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

// Handles a system reset: a service declares all resources outdated whose names match certain patterns. Begins to
// compare it with every cached name, and to apply it to those that match. At most 16 system resets are applied at the
// same time; a further one is merged with the latest of these.
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
  if (Resets resets; !continue_work(resets)) add_work(resets);
}

// Applies all unfinished system resets to the cached names; the name that was created first comes first. If another
// system reset has come since it began at the first name, it begins there again after the last name; a name skips the
// resets that were applied to it already. Returns false if the limit of work for this turn is reached and names are
// left.
bool Cache::continue_work(Resets&) {
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

// Sets reset_at_, the next name to compare with the system resets, to the name after `name`; null if there is none.
void Cache::pass_by(CachedName& name) {
  const auto next = std::next(in_order_.iterator_to(name));
  reset_at_ = next == in_order_.end() ? nullptr : &*next;
}

// Applies to one name the system resets that have come since the last call for this name. (In a system reset, a service
// declares names outdated.) If messages about the name wait, the resets are queued behind them.
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
