// The cache's records: a resource name, with its events' subscription and order; and below it each resource of that
// name, one a normalized query. Pure; owned by Merge.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nodes/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct CachedName;

// One state of one resource. Its cached state is only ever changed here, in place; what others see is a Snapshot.
struct CachedResource {
  struct LaneCount {
    LaneId lane;
    std::uint32_t subscribers;
  };

  ResourceId id = 0;
  CachedName* name = nullptr;
  std::string query;  // normalized once it is loaded
  bool loaded = false;
  bool resetting = false;    // full state was asked for: mutating events are dropped until it is here
  bool reset_again = false;  // and it was reset once more since
  bool reaccess = false;     // a reaccess event came before the first state
  Millis retry_at = 0;       // when a failed reset is tried again; 0 when none failed
  std::shared_ptr<Resource> state;
  std::shared_ptr<Resource> next;              // what a diff under way leads to
  SnapshotPtr snapshot;                        // of the present state; made when first asked for
  std::vector<LaneCount> lanes;                // that have subscribers
  std::map<std::uint64_t, Subscribe> waiting;  // for the first state, by ticket
  std::vector<std::string> links;              // other queries that lead here

  ThrottleId reset_throttle = 0;     // of the latest system reset,
  ThrottleId reaccess_throttle = 0;  // and of the reaccess before the first state

  bool in_use() const { return !lanes.empty() || !waiting.empty(); }
};

struct CachedName {
  std::string name;
  std::uint64_t handle = 0;
  std::map<std::string, std::unique_ptr<CachedResource>, std::less<>> resources;  // by query; "" is the name itself
  std::map<std::string, CachedResource*, std::less<>> links;                      // queries as asked -> their resource
  std::uint32_t holds = 0;      // answers that later traffic of this name waits for
  LazyQueue<MergeIn> deferred;  // that traffic, in order
  Millis evict_at = 0;          // 0 while something is in use

  bool in_use() const {
    if (holds > 0) return true;
    for (const auto& [query, resource] : resources) {
      if (resource->in_use()) return true;
    }
    return false;
  }
};

}  // namespace resflow
