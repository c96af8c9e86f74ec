// A world of resources that change, and a client that follows the RES-Client protocol to the letter. The client reports
// an anomaly when it gets an event on a resource that it does not hold, a resource that it already has, a reference to
// a resource that it never got, or an event that does not follow its state without a gap. A direct subscription counts
// from its answer on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nodes/messages.hpp"
#include "tests/nodes/fakes.hpp"

namespace resflow::testing {

using References = std::vector<std::string>;

// The resources in the state that their service has. Each state has a version number, so that a client notices a missed
// event.
class Truth {
 public:
  struct State {
    std::string name;
    std::size_t version = 0;
    References references;
    std::size_t incarnation = 0;
  };

  Truth(Random& random, std::size_t size) : random_(random), states_(size) {
    for (std::size_t i = 0; i < size; ++i) states_[i].name = "w." + std::to_string(i);
    for (State& state : states_) state.references = some();
  }

  std::string any() { return random_.of(states_).name; }
  ResourceId id(const std::string& name) const {
    return ResourceId::from(1 + index(name) + 1'000 * state(name).incarnation);
  }
  bool fails(const std::string& name) const { return index(name) % 4 == 0; }
  const State& state(const std::string& name) const { return states_[index(name)]; }

  SnapshotPtr snapshot(const std::string& name) {
    auto snapshot = std::make_shared<Snapshot>();
    for (const std::string& to : state(name).references) snapshot->references.push_back(make_rid(to));
    snapshots_.emplace(snapshot, state(name));
    return snapshot;
  }

  EventPtr mutate(const std::string& name) {
    State& state = states_[index(name)];
    auto event = std::make_shared<ResourceEvent>();
    event->kind = EventKind::change;
    event->name = "change";
    for (std::size_t n = random_.below(3); n > 0 && !state.references.empty(); --n) {
      const auto it = state.references.begin() + static_cast<std::ptrdiff_t>(random_.below(state.references.size()));
      event->removed.push_back(make_rid(*it));
      state.references.erase(it);
    }
    for (std::size_t n = random_.below(3); n > 0 && state.references.size() < 4; --n) {
      state.references.push_back(any());
      event->added.push_back(make_rid(state.references.back()));
    }
    ++state.version;
    events_.emplace(event, state);
    return event;
  }

  // The resource was deleted, and another resource has taken its name.
  void replace(const std::string& name) {
    State& state = states_[index(name)];
    state.version += 1'000;
    ++state.incarnation;
    state.references = some();
  }

  const State& of(const SnapshotPtr& snapshot) const { return snapshots_.at(snapshot); }
  const State& of(const EventPtr& event) const { return events_.at(event); }

  void odd(std::string what) { anomalies_.push_back(std::move(what)); }
  const std::vector<std::string>& anomalies() const { return anomalies_; }

 private:
  static std::size_t index(const std::string& name) { return std::stoul(name.substr(2)); }

  References some() {
    References all;
    for (std::size_t n = random_.below(4); n > 0; --n) all.push_back(random_.of(states_).name);
    return all;
  }

  Random& random_;
  std::vector<State> states_;
  std::map<SnapshotPtr, State> snapshots_;
  std::map<EventPtr, State> events_;
  std::vector<std::string> anomalies_;
};

class StrictClient {
 public:
  StrictClient(Truth& truth, ConnId conn) : truth_(truth), conn_(conn) {}

  ConnId conn() const { return conn_; }
  std::map<std::string, std::uint32_t> direct() const { return direct_; }
  bool holds_nothing() const { return held_.empty(); }

  std::uint64_t asks(RequestKind kind, const std::string& name, std::uint32_t count = 1) {
    asked_[++last_id_] = Asked{kind, name, count};
    return last_id_;
  }

  std::optional<std::string> any_direct(Random& random) const {
    if (direct_.empty()) return std::nullopt;
    return std::next(direct_.begin(), static_cast<std::ptrdiff_t>(random.below(direct_.size())))->first;
  }

  void on(const Reply& r) {
    const auto it = asked_.find(r.id);
    if (it == asked_.end()) return odd("an answer to nothing");
    const Asked asked = it->second;
    asked_.erase(it);
    if (r.form == ReplyForm::error || r.form == ReplyForm::protocol) return;
    switch (asked.kind) {
      case RequestKind::get:
        return check_get(asked.name, r.set);
      case RequestKind::unsubscribe:
        if ((direct_[asked.name] -= asked.count) == 0) direct_.erase(asked.name);
        return tidy();
      case RequestKind::call:
        // the call returned a resource that could not be loaded: only an error came
        if (r.set.size() == 1 && !r.set[0].snapshot && r.set[0].rid->text() == asked.name) return;
        [[fallthrough]];
      default:
        take(r.set);
        ++direct_[asked.name];
        tidy();
        return check_needed(r.set, reach(held_, roots()));
    }
  }

  void on(const Delivery& d) {
    const std::string& name = d.rid->text();
    const auto it = held_.find(name);
    if (it == held_.end()) return odd(d.event->name + " on " + name + ", which it does not hold");
    if (d.event->kind == EventKind::unsubscribe) {
      if (direct_.erase(name) == 0) odd("unsubscribe on " + name + " without direct subscription");
      return tidy();
    }
    Item& item = it->second;
    if (item.error) return odd(d.event->name + " on the error " + name);
    if (item.deleted) return odd(d.event->name + " on " + name + ", which was deleted");
    if (d.event->kind == EventKind::deleted) item.deleted = true;
    if (d.event->kind != EventKind::change) return;
    const Truth::State& next = truth_.of(d.event);
    if (next.name != name || next.version != item.version + 1) {
      return odd("state " + std::to_string(next.version) + " of " + next.name + " behind " +
                 std::to_string(item.version) + " of " + name);
    }
    take(d.set);
    held_[name].version = next.version;
    held_[name].references = next.references;
    // The set may replace a deleted resource that alone has led to this one. Then the client lets go of both.
    check_needed(d.set, reach(held_, roots_with(name)));
    tidy();
  }

  // Compares the client with the service. Call it when nothing is under way any more.
  void compare() {
    for (const auto& [id, asked] : asked_) odd("no answer to its request for " + asked.name);
    for (const auto& [name, item] : held_) {
      if (item.error || item.deleted) continue;
      if (item.version != truth_.state(name).version) odd("an outdated state of " + name);
    }
  }

 private:
  struct Asked {
    RequestKind kind;
    std::string name;
    std::uint32_t count;
  };
  struct Item {
    bool error = false;
    bool deleted = false;
    std::size_t version = 0;
    References references;
  };

  void odd(const std::string& what) { truth_.odd("client " + std::to_string(conn_.slot) + ": " + what); }

  static Item item_of(const Truth& truth, const SetEntry& entry) {
    if (!entry.snapshot) return Item{true, false, 0, {}};
    const Truth::State& state = truth.of(entry.snapshot);
    return Item{false, false, state.version, state.references};
  }

  void take(const ResourceSet& set) {
    std::set<std::string> names;
    for (const SetEntry& entry : set) {
      const std::string& name = entry.rid->text();
      if (!names.insert(name).second) odd(name + " twice in a set");
      const auto it = held_.find(name);
      // A resource that failed or was deleted may be sent again.
      if (it != held_.end() && !it->second.error && !it->second.deleted) odd(name + " sent again");
      held_[name] = item_of(truth_, entry);
    }
  }

  // Checks the answer to a get: every resource that the requested resource refers to, directly or not, is held or in
  // the set, and the set contains nothing else.
  void check_get(const std::string& name, const ResourceSet& set) {
    std::map<std::string, Item> known = held_;
    for (const SetEntry& entry : set) known[entry.rid->text()] = item_of(truth_, entry);
    const std::set<std::string> reached = reach(known, {name});
    for (const SetEntry& entry : set) {
      if (!reached.contains(entry.rid->text())) odd(entry.rid->text() + " is no part of what it got");
    }
  }

  void check_needed(const ResourceSet& set, const std::set<std::string>& needed) {
    for (const SetEntry& entry : set) {
      if (!needed.contains(entry.rid->text())) odd(entry.rid->text() + " sent without need");
    }
  }

  std::set<std::string> roots() const {
    std::set<std::string> all;
    for (const auto& [name, count] : direct_) all.insert(name);
    return all;
  }
  std::set<std::string> roots_with(const std::string& name) const {
    std::set<std::string> all = roots();
    all.insert(name);
    return all;
  }

  void tidy() {
    const std::set<std::string> keep = reach(held_, roots());
    std::erase_if(held_, [&](const auto& entry) { return !keep.contains(entry.first); });
  }

  std::set<std::string> reach(const std::map<std::string, Item>& known, const std::set<std::string>& roots) {
    std::set<std::string> seen;
    std::vector<std::string> walk(roots.begin(), roots.end());
    while (!walk.empty()) {
      const std::string name = walk.back();
      walk.pop_back();
      if (!seen.insert(name).second) continue;
      const auto it = known.find(name);
      if (it == known.end()) {
        odd(name + " was never given to it");
        continue;
      }
      walk.insert(walk.end(), it->second.references.begin(), it->second.references.end());
    }
    return seen;
  }

  Truth& truth_;
  ConnId conn_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Asked> asked_;
  std::map<std::string, std::uint32_t> direct_;
  std::map<std::string, Item> held_;
};

}  // namespace resflow::testing
