// The cache's records: a resource name, with its events' subscription and order; and below it each resource of that
// name, one a normalized query. Pure; owned by Merge.
#pragma once

#include <algorithm>
#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/keyed_table.hpp"
#include "nodes/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct CachedName;

// One state of one resource. Its cached state is only ever changed here, in place; what others see is a Snapshot. There
// may be very many, most of them at rest: what they have only while something is under way is allocated then.
//
// Invariant: once it is loaded there is a state or a snapshot of it, or both, and they say the same.
struct CachedResource {
  struct LaneCount {
    LaneId lane;
    std::uint32_t subscribers;
  };

  // With their throttles; those of a lane follow each other. Very many may go at once, in any order.
  using Waiting = std::map<Ticket, ThrottleId>;

  // Until the first state is here.
  struct Loading {
    Waiting waiting;        // for it
    bool reaccess = false;  // a reaccess event came before it
    ThrottleId reaccess_throttle = 0;
  };

  // From a reset until the state is that which was asked for.
  struct Refresh {
    bool resetting = false;          // full state was asked for: mutating events are dropped until it is here
    bool again = false;              // it is to be asked for once more
    Millis retry_at = 0;             // when what failed is tried again; 0 when nothing did
    ThrottleId throttle = 0;         // of the latest system reset
    std::shared_ptr<Resource> next;  // what a diff under way leads to
  };

  struct Query {
    std::string text;                // normalized once the resource is loaded
    std::vector<std::string> links;  // other queries that lead here
  };

  ResourceId id = 0;
  CachedName* name = nullptr;
  std::shared_ptr<Resource> state;
  SnapshotPtr snapshot;
  boost::container::small_vector<LaneCount, 1> lanes;  // that have subscribers
  std::unique_ptr<Loading> loading;                    // null: it is loaded
  std::unique_ptr<Refresh> refresh;                    // null: nothing was asked for anew
  std::unique_ptr<Query> query_part;                   // null: it is no query resource

  bool loaded() const { return loading == nullptr; }
  // Of one that is loaded; without reading its text.
  bool is_model() const { return state ? state->is_model : snapshot->is_model; }
  std::size_t size() const { return state ? state->size() : snapshot->size; }
  bool resetting() const { return refresh && refresh->resetting; }
  bool in_use() const { return !lanes.empty() || (loading && !loading->waiting.empty()); }
  std::string_view query() const { return query_part ? std::string_view(query_part->text) : std::string_view(); }
  Refresh& obtain_refresh() {
    if (!refresh) refresh = std::make_unique<Refresh>();
    return *refresh;
  }
};

// Orders the resources of a name by their queries.
struct ByQuery {
  using is_transparent = void;
  static std::string_view query(const std::unique_ptr<CachedResource>& r) { return r->query(); }
  static std::string_view query(std::string_view q) { return q; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return query(a) < query(b);
  }
};

struct CachedName {
  using Resources = boost::container::flat_set<std::unique_ptr<CachedResource>, ByQuery>;
  using Links = std::map<std::string, CachedResource*, std::less<>>;

  std::string name;
  std::uint64_t handle = 0;
  Resources resources;           // by query; "" is the name itself
  std::unique_ptr<Links> links;  // queries as asked -> their resource; null when there are none
  std::uint32_t holds = 0;       // answers that later traffic of this name waits for
  bool reused = false;           // somebody has wanted it when it was here already
  bool subscribed = false;       // to its events; false: that was refused, and there are no resources
  LazyQueue<MergeIn> deferred;   // that traffic, in order
  Millis room_until = 0;         // it waits for room for its subscription, until then; 0: it does not
  Millis evict_at = 0;           // 0 while something is in use

  bool in_use() const {
    return holds > 0 || std::any_of(resources.begin(), resources.end(), [](const auto& r) { return r->in_use(); });
  }
};

struct CachedNameKey {
  static std::string_view key(const CachedName& n) { return n.name; }
  static std::size_t hash(std::string_view name) { return std::hash<std::string_view>()(name); }
  static bool equal(std::string_view a, std::string_view b) { return a == b; }
};

}  // namespace resflow
