// Applies the events of services to the cached states, and sends these events to subscribers. Drops events that change
// nothing.
#include <algorithm>

#include "nodes/cache/cache.hpp"
#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

namespace {

// Writes the JSON text of an event into event.data. If clients before RES protocol 1.2.1 need a different text
// (`legacy_differs`), also writes that text into event.legacy_data. To produce a text, calls append(out, legacy), with
// `legacy` true for those old clients. The text must end with "}", so that the encode node can insert more JSON members
// before it.
template <typename Append>
void write_data(ResourceEvent& event, bool legacy_differs, Append&& append) {
  append(event.data, false);
  if (legacy_differs) append(event.legacy_data, true);
}

ResourceEvent added(const AddEvent& e) {
  ResourceEvent event{EventKind::add, "add", {}, {}, {}, {}};
  if (e.value.is_reference()) event.added.push_back(e.value.rid);
  write_data(event, differs_for_legacy(e.value), [&](std::string& out, bool legacy) {
    out += R"({"idx":)";
    out += std::to_string(e.idx);
    out += R"(,"value":)";
    append_value(out, e.value, legacy);
    out += '}';
  });
  return event;
}

ResourceEvent removed(const RemoveEvent& e, const Value& value) {
  ResourceEvent event{EventKind::remove, "remove", R"({"idx":)", {}, {}, {}};
  event.data += std::to_string(e.idx);
  event.data += e.others;
  event.data += '}';
  if (value.is_reference()) event.removed.push_back(value.rid);
  return event;
}

}  // namespace

void Cache::event(CachedResource& r, ServiceEvent&& e) {
  // RES-Service protocol: "Any service resource event, except reaccess events, received prior to the get response will
  // be discarded."
  if (!r.loaded()) return drop(EventDrop::early);
  if (auto* custom = std::get_if<CustomEvent>(&e.body)) {
    return emit(r, ResourceEvent{EventKind::custom, std::move(e.name), std::move(custom->data), {}, {}, {}});
  }
  if (r.comparison) {  // a state must not change while it is compared: ask for a new state later
    r.obtain_refresh().again = true;
    return drop(EventDrop::outdated);
  }
  if (r.resetting()) return drop(EventDrop::outdated);
  changing_ = r.id;
  if (auto* c = std::get_if<ChangeEvent>(&e.body)) {
    if (c->legacy) warn_of_legacy_change(r.name->name);
    change(r, std::move(*c));
  } else if (auto* a = std::get_if<AddEvent>(&e.body)) {
    add(r, std::move(*a));
  } else if (const auto* gone = std::get_if<RemoveEvent>(&e.body)) {
    remove_value(r, *gone);
  } else if (auto* d = std::get_if<DeleteEvent>(&e.body)) {
    deleted(r, std::move(d->data));
  }
}

// Applies a change event to a model. First removes from the event each property that has its new value already. A
// service should not send these: "Unchanged properties SHOULD NOT be included" (RES-Service protocol, "Model change
// event").
void Cache::change(CachedResource& r, ChangeEvent&& e) {
  if (!r.is_model()) return misfit(r, "change", "change event on collection");
  Resource& model = state(r);
  ResourceEvent event{EventKind::change, "change", {}, {}, {}, {}};
  bool legacy_differs = false;
  std::size_t size = 16;  // estimated size of event.data in bytes
  std::size_t gained = 0;
  std::size_t lost = 0;
  boost::container::small_vector<Value*, 8> replaced;  // the present values that the event replaces
  const auto changes_nothing = [&](const auto& member) {
    const auto& [name, value] = member;
    const bool gone = value.kind == ValueKind::delete_action;
    const auto old = model.properties.find(name);
    const bool had = old != model.properties.end();
    if (gone ? !had : had && old->second == value) return true;
    if (had) lost += bytes_of(name, old->second);
    if (!gone) gained += bytes_of(name, value);
    if (had && !gone) replaced.push_back(&old->second);
    if (value.is_reference()) event.added.push_back(value.rid);
    if (had && old->second.is_reference()) event.removed.push_back(old->second.rid);
    legacy_differs = legacy_differs || differs_for_legacy(value);
    size += name.size() + value.text.size() + 4;  // quotes, colon, comma
    return false;
  };
  auto members = e.values.extract_sequence();
  members.erase(std::remove_if(members.begin(), members.end(), changes_nothing), members.end());
  if (members.empty()) return drop(EventDrop::unchanged);
  e.values.adopt_sequence(boost::container::ordered_unique_range, std::move(members));
  event.data.reserve(size);
  write_data(event, legacy_differs, [&](std::string& out, bool legacy) {
    out += R"({"values":)";
    append_properties(out, e.values, legacy);
    out += '}';
  });
  if (replaced.size() == e.values.size()) {
    auto old = replaced.begin();
    for (auto& [name, value] : e.values) **old++ = std::move(value);
  } else {
    apply_changes(model.properties, std::move(e.values));
  }
  changed(r, gained, lost);
  emit(r, std::move(event));
}

void Cache::add(CachedResource& r, AddEvent&& e) {
  if (r.is_model()) return misfit(r, "add", "add event on model");
  Values& values = state(r).values;
  if (e.idx < 0 || static_cast<std::size_t>(e.idx) > values.size()) {
    return misfit(r, "add", "idx " + std::to_string(e.idx) + " is out of bounds");
  }
  ResourceEvent event = added(e);
  changed(r, bytes_of(e.value), 0);
  values.insert(values.begin() + e.idx, std::move(e.value));
  emit(r, std::move(event));
}

void Cache::remove_value(CachedResource& r, const RemoveEvent& e) {
  if (r.is_model()) return misfit(r, "remove", "remove event on model");
  Values& values = state(r).values;
  if (e.idx < 0 || static_cast<std::size_t>(e.idx) >= values.size()) {
    return misfit(r, "remove", "idx " + std::to_string(e.idx) + " is out of bounds");
  }
  const auto it = values.begin() + e.idx;
  ResourceEvent event = removed(e, *it);
  changed(r, 0, bytes_of(*it));
  values.erase(it);
  emit(r, std::move(event));
}

// Called when the state of a resource has changed: adds `gained` bytes to the counted size of the resource, subtracts
// `lost` bytes, and drops the snapshot (the state as text), which is now out of date.
void Cache::changed(CachedResource& r, std::size_t gained, std::size_t lost) {
  r.state_bytes += gained - lost;
  if (r.snapshot) {
    r.snapshot = nullptr;
    return count(r);
  }
  r.counted += gained - lost;
  counters_.bytes += gained - lost;
}

// Sends subscribers one edit (a difference between the cached state and a newer one) as an event. For a model, also
// changes the cached state. For a collection, does not: take_next() later replaces the whole cached state.
void Cache::edit(CachedResource& r, Edit&& edit) {
  if (auto* values = std::get_if<Properties>(&edit)) {
    change(r, ChangeEvent{std::move(*values), false});
  } else if (const auto* e = std::get_if<AddEvent>(&edit)) {
    emit(r, added(*e));
  } else {
    const std::int64_t idx = std::get<std::int64_t>(edit);
    emit(r, removed(RemoveEvent{idx, {}}, r.state->values[static_cast<std::size_t>(idx)]));
  }
}

// Sends subscribers a reaccess event: the gateway then checks their access again (RES-Service protocol, "Reaccess
// event"). If the first state of the resource has not arrived yet, load() sends the event after that state.
void Cache::reaccess(CachedResource& r, ThrottleId throttle) {
  if (r.loading) {
    r.loading->reaccess = true;
    r.loading->reaccess_throttle = throttle;
    return;
  }
  emit(r, ResourceEvent{EventKind::reaccess, "reaccess", {}, {}, {}, {}, throttle});
}

// Sends subscribers a delete event and removes the resource. RES-Service protocol, "Delete event": "It will invalidate
// any previous get response received for the resource."
void Cache::deleted(CachedResource& r, std::string&& data) {
  CachedName& name = *r.name;
  end_subscriptions(r, std::move(data), nullptr);
  remove(r);
  release(name);
}

// Sends all subscribers a delete event, which ends their subscriptions. If the service has deleted the resource,
// `reason` is null. Otherwise `reason` is the error that made the cache drop the resource.
void Cache::end_subscriptions(CachedResource& r, std::string&& data, const ErrorPtr& reason) {
  emit(r, ResourceEvent{EventKind::deleted, "delete", std::move(data), {}, {}, {}, 0, reason});
  for (const auto& lane : r.lanes) counters_.subscriptions -= lane.subscribers;
}

void Cache::emit(CachedResource& r, ResourceEvent&& event) {
  if (r.lanes.empty()) return;
  const auto shared = std::make_shared<const ResourceEvent>(std::move(event));
  for (const auto& lane : r.lanes) out_->session.emplace_back(lane.lane, LaneEvent{r.id, shared});
}

void Cache::misfit(const CachedResource& r, std::string_view event, std::string_view what) {
  drop(EventDrop::misfit);
  complain(r, event, what);
}

void Cache::complain(const CachedResource& r, std::string_view event, std::string_view what) {
  std::string text = "Error processing event " + r.name->name + '.' + std::string(event);
  if (!r.query().empty()) text.append(" for query ").append(r.query());
  log_.log(LogLevel::error, text + ": " + std::string(what));
}

void Cache::warn_of_legacy_change(std::string_view name) {
  if (!legacy_changes_.first(name)) return;
  log_.log(LogLevel::error, "Deprecation warning for service [" + std::string(service_of(name)) +
                                "] - model change event v1.0 detected: put the changed properties in a values member");
}

}  // namespace resflow
