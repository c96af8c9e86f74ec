// cache: keeps the state of the resources that clients subscribe to. It applies the events of services in the order in
// which they arrive, drops events that change nothing, and sends every other event once to each lane (one of the
// gateway's threads) that has subscribers (RES-Service protocol, "Get request", "Resource events", "System reset
// event", "Query resources"). The cache has one record per resource name. The record of a name contains the records of
// its resources, one for each normalized query. No other node writes resource state.
//
// No I/O and no shared state. Each lane has one instance, and only that lane calls it. The cache keeps a name that
// nobody uses for CacheLimits::keep_unused, then removes it.
//
// Order. The cache keeps these rules for each resource name:
// - The cache drops events that arrive before the first state of a resource, because that state already includes them.
//   It keeps only a reaccess event (clients' access must be checked again), and sends this event after the state.
// - The cache sends a subscriber first the state and then every later event. The state and the events take the same
//   edge of the flow graph (the same path between two nodes), so they arrive in this order.
// - After a reset, the cache asks the service for the full state, and drops events that change the state until the
//   full state arrives. While the node diff compares the full state with the cached state, all messages for the name
//   wait. If the get request for the full state fails, the cache asks again later and drops events until then: an event
//   applied to an outdated state would make that state wrong, not just old.
// - After a query event, all messages for the name wait until the cache has applied the answers to its query requests.
// - When too many messages wait for a name, the cache handles the oldest of them for each new one that arrives. So
//   the messages keep their order, but the cache handles the oldest before it gets the answer, or the result of the
//   comparison, that they wait for. If such an early event would change a state that must not change yet, the cache
//   drops the event and asks for the full state later.
//
// Refused subscriptions. If the messaging system refuses the subscription to the events of a name, the cache gives the
// name up: it sends an error to every subscriber, whether the subscriber has got the state or still waits for the
// state. If the reason is that there are too many subscriptions, the cache first evicts names that nobody uses, and
// subscribes again. If there are no such names, it keeps the refused name for up to CacheLimits::room_wait and
// subscribes again at each Tick (a message that comes regularly). When a client asks for a name that the cache has
// given up, the cache subscribes to its events again.
//
// System resets. All requests that one system reset causes, in all lanes, share one throttle (a limit on parallel
// requests, nodes/ask/throttle.hpp). The id of that throttle contains the number of the reset. Every lane gets every
// system reset, in the same order, so all lanes give a reset the same number. The cache applies a reset to its names
// one after the other. When a message comes for a name to which the reset was not applied yet, the cache first applies
// the reset to that name, then handles the message.
//
// Long work. Clients and services decide how long some work takes: work on all resources of a name, on all names, on
// all waiting messages, on all differences that a comparison finds. The cache does such work in pieces, over several
// turns of the lane (see cache_work.cpp). In a turn, the lane handles all messages that have arrived. Messages for a
// name wait until the work on that name is done.
//
// Memory. The cache counts its bytes (nodes/cache/cache_bytes.hpp). At the limit it evicts unused names at once, oldest
// first. When only used names are left, the cache answers a subscription to a resource that is not cached with an
// error. A used resource is never evicted, and services decide how large it is, so the cache can exceed the limit. Too
// many messages wait (see Order) when there are more than CacheLimits::deferred of them for one name, when they take
// more than 1/64 of the limit for one name, or when they take more than 1/8 of the limit for all names.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <string_view>

#include "nodes/cache/cache_records.hpp"
#include "nodes/limits.hpp"
#include "nodes/protocol/once_per_service.hpp"
#include "nodes/protocol/pattern_set.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct CacheOut {
  std::vector<ToLane<SessionIn>> session;
  std::vector<ToLane<AuthorizeIn>> authorize;
  std::vector<AskIn> ask;
  std::vector<DiffIn> diff;
  // Messages from the cache to itself. They arrive in the next turn of the lane (in a turn, a lane handles all messages
  // that have arrived).
  std::vector<CacheIn> later;
};

class Cache {
 public:
  Cache(LaneId lane, CacheLimits limits, LogPort& log) : lane_(lane), limits_(limits), log_(log) {}
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Handles one message, and adds the messages that follow from it to `out`. If this throws while the state of a
  // resource changes, the cache ends all subscriptions to that resource name.
  void process(CacheIn&& message, CacheOut& out);

  // Returns the number of entries in the tables of the cache. When no client has been connected for
  // CacheLimits::keep_unused, the number must be 0; otherwise the cache leaks memory.
  std::size_t records() const { return names_.size() + resources_.size() + by_handle_.size() + work_.size(); }
  std::size_t name_count() const { return names_.size(); }
  std::size_t resource_count() const { return resources_.size(); }
  // Returns true while the cache needs Tick messages, which tell it the time: to evict a name, to repeat a request or a
  // refused subscription, or to see whether a full cache has room again.
  bool waits_for_time() const { return !unused_.empty() || !retries_.empty() || !waiting_.empty() || full_; }
  const CacheCounters& counters() const { return counters_; }
  // Returns the ids of at most `at_most` cached resources, in no particular order.
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  // Returns what the admin page shows of a cached resource, or nullopt if the resource is no longer cached.
  std::optional<ResourceState> state_of(ResourceId id) const;

 private:
  // The kinds of work that the cache does piece by piece, over several turns. While there is such work for one name,
  // later messages for that name wait.

  // Visits all resources of a name, in the order of their queries, for one of these reasons: a query event (`subject`
  // is set), a new subscription to the name (`anew` is true), or a reset or reaccess event (described by `reset`).
  struct Sweep {
    SubscriptionHandle name_handle = 0;
    std::string subject = {};  // where query requests are sent: the NATS subject that the query event has named
    NameReset reset = {};
    bool anew = false;  // true: asks for the state of every resource, after a new subscription to the name
    bool begun = false;
    bool done = false;
    std::string behind = {};  // the query of the resource that was visited most recently
  };
  // Handles the messages that waited for a name, oldest first.
  struct Drain {
    SubscriptionHandle name_handle = 0;
  };
  // Sends subscribers, as events, the edits (differences) that a comparison of two states has found.
  struct Telling {
    SubscriptionHandle name_handle = 0;
    ResourceId resource = 0;
  };
  struct Resets {};  // applies system resets to all names
  // Evicts unused names whose evict_at has come. Repeats get requests of resets that failed and whose retry_at has
  // come.
  struct Due {};
  using Work = std::variant<Sweep, Drain, Telling, QueryAnswer, Resets, Due>;

  struct PendingReset {
    std::uint64_t number = 0;
    PatternSet resources;
    PatternSet access;
    // Returns how many units of work it takes to apply this reset to one name. Each pattern with a wildcard must be
    // compared with the name; 16 comparisons count as one unit.
    std::size_t cost() const { return 1 + (resources.wildcards() + access.wildcards()) / 16; }
  };

  void on(Subscribe&& m);
  void on(Withdraw&& m);
  void on(Unsubscribe&& m);
  void on(ServiceEvent&& m);
  void on(GetAnswer&& m);
  void on(QueryAnswer&& m);
  void on(OrderedReply&& m);
  void on(DiffResult&& m);
  void on(SystemReset&& m);
  void on(NameReset&& m);
  void on(SubscriptionRefused&& m);
  void on(Continue&& m);
  void on(Tick&& m);
  void dispatch(CacheIn&& message);

  // cache_records.cpp: creates, finds and removes records
  CachedName& obtain(std::string_view name);
  void subscribe_to_events(CachedName& name);
  CachedResource& create(CachedName& name, std::string_view query);
  static CachedResource* find(CachedName& name, std::string_view query);
  CachedResource* find(ResourceId id);
  CachedName* find_name(SubscriptionHandle handle);
  void remove(CachedResource& r);
  void unlink(QueryLinks::iterator link);
  void count(CachedResource& r);

  // cache_eviction.cpp: decides when a record is removed
  void release(CachedName& name);
  void evict(CachedName& name);
  void use_changed(CachedResource& r);
  bool make_room();
  void refuse_for_room(Tickets&& tickets);
  void see_whether_there_is_room();
  bool continue_work(Due& d);

  // cache_load.cpp: asks a service for the first state of a resource, and answers the subscribers that wait for it
  void subscribe(CachedResource& r, Tickets&& tickets);
  const SnapshotPtr& snapshot(CachedResource& r);
  Resource& state(CachedResource& r);
  void keep_as_text(CachedResource& r);
  void get(CachedResource& r, bool reset, ThrottleId throttle);
  void ask_again(CachedResource& r);
  void load_failed(CachedResource& r, const ErrorPtr& error);
  void answer_waiting(CachedResource& r, const ErrorPtr& error);
  void refuse(Tickets&& tickets, const ErrorPtr& error);
  void load(CachedResource& r, GetResult&& result);
  void load(CachedResource& r, GetResult&& result, CachedResource::Loading& loading);
  void no_room_for(CachedResource& r, const CachedResource::Loading& loading);
  CachedResource& normalize(CachedResource& r, std::string_view query);
  void link(CachedResource& target, std::string&& asked);

  // cache_refusal.cpp: handles names whose subscription the messaging system refuses
  void subscribe_again(CachedName& name);
  void want_anew(CachedResource& r);
  void give_up(CachedName& name, const ErrorPtr& error);
  void give_up_changing();
  bool end_some_subscriptions();
  bool wait_for_room(CachedName& name);
  void try_waiting();

  // cache_order.cpp: keeps messages that wait for an answer or for the end of long work
  CachedName* name_of(const CacheIn& message);
  bool must_wait(CacheIn& message);
  void hold(CachedName& name);
  void let_through(CachedName& name);
  void defer(CachedName& name, CacheIn&& m);
  bool overflows(const CachedName& name) const;
  void let_oldest_through(CachedName& name);
  bool drain(CachedName& name);

  // cache_queries.cpp: query events, and the answers to query requests
  void ask_for_query(CachedResource& r, const std::string& subject);
  bool query_answer(CachedResource& r, QueryAnswer& m);
  void query_failed(CachedResource& r, const ErrorPtr& error);
  bool query_events(CachedResource& r, QueryAnswer& m);
  bool continue_work(QueryAnswer& m);

  // cache_reset.cpp: system resets, and full states that replace cached states
  void reset(CachedResource& r);
  void reset_answer(CachedResource& r, Decoded<GetResult>&& result);
  void compare(CachedResource& r, Resource&& next);
  void retry_later(CachedResource& r);
  void tell_edits(CachedResource& r, std::size_t at_most);
  void take_next(CachedResource& r);
  void pass_by(CachedName& name);
  void catch_up(CachedName& name);

  // cache_work.cpp: long work, done in pieces
  void add_work(Work&& work);
  void sweep(CachedName& name, Sweep&& s);
  void visit(CachedResource& r, const Sweep& s);
  bool walk(CachedName& name, Sweep& s);
  void finish_sweeps(CachedName& name);
  bool continue_work(Sweep& s);
  bool continue_work(Drain& d);
  bool continue_work(Telling& t);
  bool continue_work(Resets& r);
  bool spend(std::size_t units);

  // cache_events.cpp: events that change the state, and events for clients
  void event(CachedResource& r, ServiceEvent&& e);
  void change(CachedResource& r, ChangeEvent&& e);
  void add(CachedResource& r, AddEvent&& e);
  void edit(CachedResource& r, Edit&& edit);
  void remove_value(CachedResource& r, const RemoveEvent& e);
  void changed(CachedResource& r, std::size_t gained, std::size_t lost);
  void reaccess(CachedResource& r, ThrottleId throttle);
  void deleted(CachedResource& r, std::string&& data);
  void end_subscriptions(CachedResource& r, std::string&& data, const ErrorPtr& reason);
  void emit(CachedResource& r, ResourceEvent&& event);
  void drop(EventDrop why) { ++counters_.dropped[why]; }
  void misfit(const CachedResource& r, std::string_view event, std::string_view what);
  void complain(const CachedResource& r, std::string_view event, std::string_view what);
  void warn_of_legacy_change(std::string_view name);

  LaneId lane_;
  CacheLimits limits_;
  LogPort& log_;
  CacheOut* out_ = nullptr;  // where process() puts the messages that it sends; null outside process()
  ResourceId changing_ = 0;  // the resource whose state the current message changes; 0: none
  Millis now_ = 0;           // the time that the latest Tick message has told
  CacheCounters counters_;
  std::uint64_t last_serial_ = 0;  // serial number of the newest record; the id of a record contains its number
  std::uint64_t last_reset_ = 0;   // the number of the latest system reset
  NamesInOrder in_order_;          // all names, in the order in which the cache created them
  UnusedNames unused_;             // names that nobody uses, in the order in which they are evicted
  NamesUsedOnce used_once_;        // names of unused_ that clients asked for only once, unused for longest first
  WaitingNames waiting_;           // names that the cache subscribes to again after a refusal, oldest refusal first
  Retries retries_;                // resources whose get request after a reset failed, in the order of their retry_at
  KeyedTable<CachedName, CachedNameKey> names_;
  boost::unordered_flat_map<SubscriptionHandle, CachedName*, IdHash> by_handle_;
  boost::unordered_flat_map<ResourceId, CachedResource*, IdHash> resources_;
  std::size_t waiting_names_ = 0;   // number of names for which each new message must wait
  std::size_t deferred_bytes_ = 0;  // bytes of all waiting messages
  bool full_ = false;               // true: the log says that the cache is full, and not yet that it has room again
  Millis full_since_ = 0;
  std::deque<Work> work_;
  bool continues_ = false;             // true: the cache has sent itself a Continue message, which has not arrived yet
  bool due_at_work_ = false;           // true: the queue work_ contains an entry of type Due
  std::size_t units_ = limits_.piece;  // units of work that are left until the next Continue or Tick message
  std::deque<PendingReset> resets_;    // system resets that were not applied to all names yet
  CachedName* reset_at_ = nullptr;     // the next name to which resets are applied; null: none is left
  std::uint64_t reset_goal_ = 0;       // the present pass over all names completes the resets up to this number
  OncePerService legacy_changes_;      // services that the log has warned of: they send change events of RES 1.0
};

}  // namespace resflow
