#include "nodes/merge.hpp"

#include <algorithm>

#include "nodes/pattern.hpp"

namespace resflow {

void Merge::process(MergeIn&& message, MergeOut& out) {
  out_ = &out;
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
  out_ = nullptr;
}

void Merge::on(Subscribe&& m) {
  if (m.target->name().size() > limits_.name_size) {
    return refuse({m.ticket}, errors::subject_too_long);
  }
  CachedName& name = obtain(m.target->name());
  if (name.holds > 0 && defer(name, MergeIn(m))) return;
  CachedResource* r = find(name, m.target->query());
  ++counters_.lookups[r == nullptr ? CacheLookup::miss : r->loaded() ? CacheLookup::hit : CacheLookup::joined];
  ++counters_.subscriptions;
  if (r != nullptr && r->loaded()) name.reused = true;
  if (r == nullptr) {
    r = &create(name, m.target->query());
    get(*r, false, m.throttle);
  }
  if (r->loaded()) {
    subscribe(*r, {m.ticket});
  } else {
    r->loading->waiting.emplace(m.ticket, m.throttle);
  }
}

void Merge::on(Withdraw&& m) {
  CachedName* name = names_.find(m.target->name());
  if (name == nullptr) return;
  if (name->holds > 0 && defer(*name, MergeIn(m))) return;
  CachedResource* r = find(*name, m.target->query());
  if (r == nullptr || r->loaded()) return;  // it was answered
  if (r->loading->waiting.erase(m.ticket) == 0) return;
  --counters_.subscriptions;
  if (r->in_use()) return;
  out_->ask.emplace_back(ServiceWithdraw{r->id});
  release(*name);
}

void Merge::on(Unsubscribe&& m) {
  CachedResource* r = find(m.resource);
  if (r == nullptr) return;  // it was deleted
  for (auto it = r->lanes.begin(); it != r->lanes.end(); ++it) {
    if (it->lane != m.lane) continue;
    --counters_.subscriptions;
    if (--it->subscribers == 0) r->lanes.erase(it);
    break;
  }
  if (!r->in_use()) release(*r->name);
}

void Merge::on(ServiceEvent&& m) {
  const auto it = by_handle_.find(m.handle);
  if (it != by_handle_.end() && it->second->holds > 0 && defer(*it->second, MergeIn(m))) return;
  ++counters_.events;
  if (it == by_handle_.end()) return drop(EventDrop::unknown);
  CachedName& name = *it->second;
  if (const auto* query = std::get_if<QueryEventSubject>(&m.body)) return query_event(name, query->subject);
  // Other events are on the resource without query; a query resource changes by query events only.
  const auto r = name.resources.find(std::string_view());
  if (r == name.resources.end()) return drop(EventDrop::unknown);
  event(**r, std::move(m));
}

void Merge::on(GetAnswer&& m) {
  CachedResource* r = find(m.resource);
  if (r == nullptr) return;
  if (r->name->holds > 0 && defer(*r->name, MergeIn(m))) return;
  if (!r->name->subscribed) return;  // it is asked for behind the subscription
  r->name->room_until = 0;
  if (m.result.error == errors::lost && (m.reset || r->in_use())) return ask_again(*r, m.reset);
  if (m.reset) return reset_answer(*r, std::move(m.result));
  if (r->loaded()) return;  // it came by another query that leads to the same resource
  if (m.result.error == errors::withdrawn && r->in_use()) {
    get(*r, false, r->loading->waiting.begin()->second);  // somebody has come to want it
  } else if (m.result.error) {
    load_failed(*r, m.result.error);
  } else {
    load(*r, std::move(m.result.value));
  }
}

void Merge::on(PassOn&& m) {
  CachedName* name = names_.find(std::string_view(m.name));
  if (name != nullptr && name->holds > 0 && defer(*name, MergeIn(m))) return;
  if (auto* call = std::get_if<Boxed<CallReply>>(&m.message)) {
    out_->session.emplace_back((*call)->conn.lane, std::move(*call));
  } else {
    auto& access = std::get<Boxed<AccessReply>>(m.message);
    out_->authorize.emplace_back(access->conn.lane, std::move(access));
  }
}

void Merge::on(SystemReset&& m) {
  const auto any_matches = [](const std::vector<std::string>& patterns, std::string_view name) {
    for (const std::string& p : patterns) {
      if (valid_pattern(p) && matches(p, name)) return true;
    }
    return false;
  };
  const ThrottleId throttle = throttle_id(ThrottleKind::reset, 0, ++last_reset_);
  std::vector<NameReset> resets;
  names_.for_each([&](const CachedName& name) {
    const bool resources = any_matches(m.resources, name.name);
    const bool access = any_matches(m.access, name.name);
    if (resources || access) resets.push_back(NameReset{name.handle, resources, access, throttle});
  });
  // In the order in which the names were first wanted: that of the table says nothing, and changes as it grows.
  std::sort(resets.begin(), resets.end(), [](const NameReset& a, const NameReset& b) { return a.name < b.name; });
  for (NameReset& reset : resets) on(std::move(reset));
}

void Merge::on(NameReset&& m) {
  const auto it = by_handle_.find(m.name);
  if (it == by_handle_.end()) return;
  CachedName& name = *it->second;
  if (name.holds > 0 && defer(name, MergeIn(m))) return;
  for (const auto& r : name.resources) {
    if (m.resources) {
      r->obtain_refresh().throttle = m.throttle;
      reset(*r);
    }
    if (m.access) reaccess(*r, m.throttle);
  }
}

void Merge::on(Tick&& m) {
  ++counters_.ticks;
  now_ = m.now;
  while (!unused_.empty() && unused_.front().first <= now_) {
    const auto [when, handle] = unused_.front();
    unused_.pop_front();
    const auto it = by_handle_.find(handle);
    if (it == by_handle_.end() || it->second->evict_at != when) continue;
    if (it->second->in_use()) {
      it->second->evict_at = 0;  // a diff or query is out: its end releases the name anew
    } else {
      evict(*it->second);
    }
  }
  try_waiting();
  while (!used_once_.empty() && used_once_.front().first <= now_) used_once_.pop_front();
  while (!retries_.empty() && retries_.front().first <= now_) {
    const auto [when, id] = retries_.front();
    retries_.pop_front();
    CachedResource* r = find(id);
    if (r == nullptr || !r->refresh || r->refresh->retry_at != when) continue;
    r->refresh->retry_at = 0;
    get(*r, true, r->refresh->throttle);
  }
}

}  // namespace resflow
