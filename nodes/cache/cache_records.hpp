// The records of the cache. A CachedName stands for a resource name: it has the subscription to the events of the name,
// and the queue of messages that wait for earlier work on the name. It contains a CachedResource for each query of the
// name. Only Cache, which owns the records, reads and writes them.
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

// The place of a record in a linked list: the record itself contains the pointers to its neighbours (an intrusive
// list). When the record is destroyed, it leaves the list automatically.
using ListPlace = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Maps a client's spelling of a query to the resource that the service has returned for it.
using QueryLinks = std::map<std::string, CachedResource*, std::less<>>;

// One cached resource: a name without a query, or with one query. The cache changes `state` in place; sessions of
// clients see only immutable snapshots. There may be very many resources, and for most of them nothing is going on. So
// the fields that only a request or a comparison needs are in separate structs, which are allocated only while they are
// needed.
//
// Invariant: a loaded resource has a state, a snapshot, or both. If it has both, they have the same content.
struct CachedResource {
  // The number of subscribers that this resource has in one lane (one of the gateway's parallel pipelines).
  struct LaneCount {
    LaneId lane;
    std::uint32_t subscribers;
  };

  // The tickets (subscriptions that wait for the first state). Each is mapped to the throttle (limit on parallel
  // requests) of its get request. Tickets of one lane are next to each other, because the upper bits of a ticket are
  // the lane. A map, since very many tickets may be withdrawn at once, in any order.
  using Waiting = std::map<Ticket, ThrottleId>;

  // Data of a resource that is still loading: its first state has not arrived yet.
  struct Loading {
    Waiting waiting;
    bool reaccess = false;  // true: a reaccess event (check access again) came before the first state
    ThrottleId reaccess_throttle = 0;
  };

  // Data for replacing an outdated state. Exists from a reset event (the cached state may be out of date) until the new
  // state has become the cached state.
  struct Refresh {
    ResourceId resource = 0;
    bool resetting = false;  // true: the cache waits for the new state, and drops events that change the state
    // True: the state that the cache waits for, or compares with the cached one at present, may be outdated too. So the
    // cache asks for the state once more after that.
    bool again = false;
    // True: a query request for this resource is unanswered. The cache asks for the new state after the answer.
    bool behind_queries = false;
    Millis retry_at = 0;  // the time at which the cache repeats a failed get request
    ListPlace retries;    // place in Cache::retries_, the list of failed requests to repeat
    // The throttle of the latest system reset: it limits how many requests run at once because of it. 0: no limit.
    ThrottleId throttle = 0;
  };

  // Data for comparing the cached state with a newer one from the service, and for sending subscribers the differences
  // as events. Meanwhile, events of services do not change the cached state.
  struct Comparison {
    std::shared_ptr<Resource> next;  // the newer state
    std::size_t bytes = 0;           // size of `next` in bytes
    bool compared = false;           // true: the comparison is done, and `edits` is complete
    std::vector<Edit> edits;         // the steps that turn the cached state into `next`
    std::size_t told = 0;            // how many edits were sent to subscribers
  };

  struct Query {
    // The query. While the resource is loading: as the client has spelled it. After that: as the service normalizes it.
    std::string text;
    // Other spellings of the query by clients, oldest first: the entries of CachedName::links that lead to this
    // resource.
    std::vector<QueryLinks::iterator> links;
  };

  ResourceId id = 0;
  CachedName* name = nullptr;
  std::shared_ptr<Resource> state;
  SnapshotPtr snapshot;
  std::size_t state_bytes = 0;                         // size of `state` alone in bytes
  std::size_t counted = 0;                             // how many bytes the total of the cache contains for this record
  boost::container::small_vector<LaneCount, 1> lanes;  // the lanes with subscribers
  bool query_out = false;                              // true: a query request for this resource is under way
  bool used = false;                                   // true: CachedName::used counts it as a resource in use
  std::unique_ptr<Loading> loading;                    // null: the resource is loaded
  std::unique_ptr<Refresh> refresh;                    // null: no new state is awaited, and none has to be asked for
  std::unique_ptr<Comparison> comparison;              // null: the state is not being compared with a newer one
  // The query as the service normalizes it, and other spellings that clients have sent. A service may also return the
  // resource without a query for a query of a client: then Query::text is empty. Null: the resource has no query, and
  // no service has returned it for one.
  std::unique_ptr<Query> query_part;

  bool loaded() const { return loading == nullptr; }
  // is_model() and size() may be called only when the resource is loaded. Both take constant time, since they do not
  // parse the text of the snapshot.
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

// The resources of a name. Most names have only the resource without a query; some names have very many resources.
class CachedResources {
 public:
  bool empty() const { return !plain_ && !queries_; }

  // Returns the resource that has no query, or null.
  CachedResource* plain() const { return plain_.get(); }

  CachedResource* find(std::string_view query) const {
    if (query.empty()) return plain();
    if (!queries_) return nullptr;
    const auto it = queries_->find(query);
    return it == queries_->end() ? nullptr : it->get();
  }

  // first() returns the first resource in byte order of the queries; a resource without a query comes before all
  // others. behind() returns the resource that follows the query `query` in this order. Both return null if there is
  // none.
  CachedResource* first() const { return plain_ || !queries_ ? plain() : queries_->begin()->get(); }
  CachedResource* behind(std::string_view query) const {
    if (!queries_) return nullptr;
    const auto it = queries_->upper_bound(query);
    return it == queries_->end() ? nullptr : it->get();
  }

  // Adds a resource and returns it. There must be no other resource with the same query.
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
  std::unique_ptr<Queries> queries_;  // null: there is no resource with a query
};

// A resource name with its subscription to events, its resources, and the messages about it that wait.
struct CachedName {
  // A waiting message, and how many bytes the total of the cache contains for it.
  struct Deferred {
    CacheIn message;
    std::size_t bytes;
  };

  std::string name;
  SubscriptionHandle handle = 0;
  CachedResources resources;
  std::unique_ptr<QueryLinks> links;  // spellings of queries that differ from the normalized query; null: none
  std::size_t used = 0;               // number of resources with subscribers, or with clients that wait for the state
  // How many tasks must end before messages about the name are handled: query requests, comparisons of a cached state
  // with a newer one, and sweeps (the same work on all resources of the name, one after the other).
  std::uint32_t holds = 0;
  std::uint32_t sweeps = 0;  // number of unfinished sweeps
  bool waits = false;        // true: new messages wait, since `holds` is not 0 or earlier messages still wait
  bool draining = false;     // true: Cache::work_ has an entry that will handle the waiting messages
  bool overflown = false;    // true: too many messages waited, and this was logged
  bool reused = false;       // true: a client subscribed when the state was cached already
  // True: the cache has subscribed to the events of the name. False: NATS has refused the subscription, so the cache
  // sends no get requests for the name.
  bool subscribed = false;
  LazyQueue<Deferred> deferred;  // the waiting messages, in the order of arrival
  std::size_t deferred_bytes = 0;
  std::uint64_t resets_seen = 0;  // the latest system reset (by number) that was applied to the name
  Millis evict_at = 0;            // when the cache removes the name, if nobody uses it
  // NATS refused the subscription because there are too many; the cache tries again until this time. 0: it did not.
  Millis room_until = 0;
  ListPlace unused;     // place of this name in the list Cache::unused_
  ListPlace used_once;  // place of this name in the list Cache::used_once_
  ListPlace waiting;    // place of this name in the list Cache::waiting_
  ListPlace all;        // place of this name in the list Cache::in_order_

  bool in_use() const { return used > 0 || waits; }

  // Takes the name out of the lists of unused names, so that the cache does not evict it.
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

// A linked list of records of type T. The pointers of the list are in the member `place` of each record (an intrusive
// list).
template <typename T, ListPlace T::*place>
using RecordList = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListPlace, place>,
                                          boost::intrusive::constant_time_size<false>>;
using NamesInOrder = RecordList<CachedName, &CachedName::all>;
using UnusedNames = RecordList<CachedName, &CachedName::unused>;
using NamesUsedOnce = RecordList<CachedName, &CachedName::used_once>;
using WaitingNames = RecordList<CachedName, &CachedName::waiting>;
using Retries = RecordList<CachedResource::Refresh, &CachedResource::Refresh::retries>;

}  // namespace resflow
