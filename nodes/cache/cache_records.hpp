// The cache's records: a resource name, with its events' subscription and order; and below it each resource of that
// name, one a normalized query. Pure; owned by Cache.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/base/keyed_table.hpp"
#include "nodes/base/lazy_queue.hpp"
#include "nodes/base/text_hash.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct CachedName;
struct CachedResource;

// A place in a list, which a record leaves by itself when it goes.
using ListPlace = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Queries as they were asked -> the resource of their normalized query.
using QueryLinks = std::map<std::string, CachedResource*, std::less<>>;

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
    ResourceId resource = 0;
    bool resetting = false;       // full state was asked for: mutating events are dropped until it is here
    bool again = false;           // it is to be asked for once more
    bool behind_queries = false;  // it is to be asked for when the answers to query requests are here
    Millis retry_at = 0;          // when what failed is tried again
    ListPlace retries;            // among those that are tried again; linked while it waits for that time
    ThrottleId throttle = 0;      // of the latest system reset
  };

  // From a full state until clients have been told how it differs from the cached one. The cached state does not change
  // in between.
  struct Comparison {
    std::shared_ptr<Resource> next;  // the full state
    std::size_t bytes = 0;           // that it takes
    bool compared = false;           // the edits are here
    std::vector<Edit> edits;         // that lead to it
    std::size_t told = 0;            // of the edits
  };

  struct Query {
    std::string text;                         // normalized once the resource is loaded
    std::vector<QueryLinks::iterator> links;  // other queries that lead here, oldest first
  };

  ResourceId id = 0;
  CachedName* name = nullptr;
  std::shared_ptr<Resource> state;
  SnapshotPtr snapshot;
  std::size_t state_bytes = 0;                         // that `state` takes
  std::size_t counted = 0;                             // bytes that the cache has counted for this resource
  boost::container::small_vector<LaneCount, 1> lanes;  // that have subscribers
  bool query_out = false;                              // a query request is not answered yet
  bool used = false;                                   // counted in the name's `used`
  std::unique_ptr<Loading> loading;                    // null: it is loaded
  std::unique_ptr<Refresh> refresh;                    // null: nothing was asked for anew
  std::unique_ptr<Comparison> comparison;              // null: no full state is compared
  std::unique_ptr<Query> query_part;                   // null: it is no query resource

  bool loaded() const { return loading == nullptr; }
  // Of one that is loaded; without reading its text.
  bool is_model() const { return state ? state->is_model : snapshot->is_model; }
  std::size_t size() const { return state ? state->size() : snapshot->size; }
  bool resetting() const { return refresh && refresh->resetting; }
  bool in_use() const { return !lanes.empty() || (loading && !loading->waiting.empty()); }
  std::string_view query() const { return query_part ? std::string_view(query_part->text) : std::string_view(); }
  Refresh& obtain_refresh() {
    if (!refresh) {
      refresh = std::make_unique<Refresh>();
      refresh->resource = id;
    }
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

// The resources of a name. Most names have the one without query and no other; some have very many.
class CachedResources {
 public:
  bool empty() const { return !plain_ && !queries_; }

  // The resource without query; null when there is none.
  CachedResource* plain() const { return plain_.get(); }

  CachedResource* find(std::string_view query) const {
    if (query.empty()) return plain();
    if (!queries_) return nullptr;
    const auto it = queries_->find(query);
    return it == queries_->end() ? nullptr : it->get();
  }

  // In order of their queries; null: there is none.
  CachedResource* first() const { return plain_ || !queries_ ? plain() : queries_->begin()->get(); }
  CachedResource* behind(std::string_view query) const {
    if (!queries_) return nullptr;
    const auto it = queries_->upper_bound(query);
    return it == queries_->end() ? nullptr : it->get();
  }

  // There must be none of its query.
  CachedResource& add(std::unique_ptr<CachedResource> r) {
    if (r->query().empty()) return *(plain_ = std::move(r));
    if (!queries_) queries_ = std::make_unique<Queries>();
    return **queries_->insert(std::move(r)).first;
  }

  void remove(CachedResource& r) {
    if (&r == plain()) {
      plain_ = nullptr;
      return;
    }
    queries_->erase(queries_->find(r.query()));
    if (queries_->empty()) queries_ = nullptr;
  }

 private:
  using Queries = std::set<std::unique_ptr<CachedResource>, ByQuery>;

  std::unique_ptr<CachedResource> plain_;
  std::unique_ptr<Queries> queries_;  // null when there are none
};

struct CachedName {
  struct Deferred {
    CacheIn message;
    std::size_t bytes;
  };

  std::string name;
  SubscriptionHandle handle = 0;
  CachedResources resources;
  std::unique_ptr<QueryLinks> links;  // null when there are none
  std::size_t used = 0;               // resources with subscribers, or with somebody who waits for their state
  std::uint32_t holds = 0;            // answers, and pieces of work, that later traffic of this name waits for
  std::uint32_t sweeps = 0;           // of its resources that are under way
  bool waits = false;                 // later traffic waits: for the above, or behind what waits already
  bool draining = false;              // what waits is being let through, piece by piece
  bool overflown = false;             // too much has waited since: what comes pushes the oldest through
  bool reused = false;                // somebody has wanted it when it was here already
  bool subscribed = false;            // to its events; false: that was refused, and nothing is asked for
  LazyQueue<Deferred> deferred;       // that traffic, in order
  std::size_t deferred_bytes = 0;
  std::uint64_t resets_seen = 0;  // the number of the latest system reset that was held against it
  Millis evict_at = 0;            // when it is let go; of one that is unused
  Millis room_until = 0;          // it waits for room for its subscription, until then; 0: it does not
  ListPlace unused;               // among those that wait for being let go
  ListPlace used_once;            // among those of them that are subscribed and were never reused
  ListPlace waiting;              // among those that wait for room
  ListPlace all;                  // among all names, in the order in which they were first wanted

  bool in_use() const { return used > 0 || waits; }

  // The name is wanted again, so it is not let go.
  void keep() {
    unused.unlink();
    used_once.unlink();
  }
};

struct CachedNameKey {
  static std::string_view key(const CachedName& n) { return n.name; }
  static std::size_t hash(std::string_view name) { return hash_text(name); }
  static bool equal(std::string_view a, std::string_view b) { return a == b; }
};

template <typename T, ListPlace T::*place>
using RecordList = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListPlace, place>,
                                          boost::intrusive::constant_time_size<false>>;
using NamesInOrder = RecordList<CachedName, &CachedName::all>;
using UnusedNames = RecordList<CachedName, &CachedName::unused>;
using NamesUsedOnce = RecordList<CachedName, &CachedName::used_once>;
using WaitingNames = RecordList<CachedName, &CachedName::waiting>;
using Retries = RecordList<CachedResource::Refresh, &CachedResource::Refresh::retries>;

}  // namespace resflow
