// The cache node keeps the state of the resources that clients subscribe to. It applies the events of services in the
// order in which they arrive and drops events that change nothing. It sends every other event to the subscribers.
// Specification: RES-Service protocol, "Get request", "Resource events", "System reset event", "Query resources".
//
// A resource is identified by a name and, optionally, a query. The cache has one record per name; this record contains
// one record per query. No other node writes resource state.
//
// Each lane (one of the gateway's threads) has its own cache node, which only this thread calls. Each name belongs to
// the cache of one lane. The subscribers of a name may be in any lane, so the cache sends an event once to each lane
// that has subscribers. A name that no client uses any more is kept for CacheLimits::keep_unused, then removed.
//
// Order. For each name, the cache keeps these rules:
// - It drops events that arrive before the first state of a resource, because that state already includes them. The
//   only exception is a reaccess event (clients' access must be checked again): it is sent after the state.
// - A subscriber gets first the state and then every later event. Both take the same path between the cache and the
//   subscriber's session, so they arrive in this order.
// - After a reset event (cached states may be out of date), the cache asks the service for the full state. Until the
//   full state arrives, the cache drops events that change the state. If this request fails, the cache repeats it later
//   and drops such events until then: applied to an outdated state, they would make it wrong.
// - The diff node compares the full state with the cached state. Meanwhile, all messages for the name wait.
// - After a query event (resources with a query may have changed), the cache sends query requests to ask for the
//   changes. All messages for the name wait until the answers are applied.
// - When too many messages wait for a name, each new message makes the cache handle the oldest waiting message early.
//   If that message is an event that changes a state, and the cache still waits for the comparison of this state, the
//   cache drops the event and asks for the full state later.
//
// Refused subscriptions. The messaging system (NATS) may refuse the subscription to the events of a name. Then the
// cache gives the name up: it sends every subscriber an error. But if the reason is that there are too many
// subscriptions, the cache first evicts unused names and subscribes again. If there are no unused names, it tries again
// at each Tick (a message that comes regularly) and gives the name up after CacheLimits::room_wait. When a client asks
// for a given-up name later, the cache subscribes to its events again.
//
// System resets (a service declares many names outdated at once). All requests that one system reset causes, in all
// lanes, share one throttle (a limit on parallel requests, nodes/ask/throttle.hpp). The id of the throttle contains the
// number of the system reset. This number is the same in all lanes, since every lane gets every system reset in the
// same order. The cache applies a system reset to one name after the other. If a message arrives for a name that has
// not had its turn yet, the cache applies the reset to this name first.
//
// Long work. A name may have very many resources or waiting messages, so work on all of them may take long. The cache
// does such work in pieces, and handles other messages in between (cache_work.cpp). Messages for a name wait until the
// work on that name is done.
//
// Memory. The cache counts its bytes (nodes/cache/cache_bytes.hpp). At the limit it evicts unused names at once, oldest
// first. When only used names are left, a new resource is refused with an error. The cache may exceed the limit,
// because it never evicts a used resource, and services decide how large a resource is. Waiting messages have limits
// too: CacheLimits::deferred messages per name, 1/64 of the byte limit per name, and 1/8 of the byte limit for all
// names together. Above these limits, "too many messages wait" (see Order).
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
  // Messages from the cache to itself. The lane delivers them after the messages that have already arrived.
  std::vector<CacheIn> later;
};

class Cache {
 public:
  Cache(LaneId lane, CacheLimits limits, LogPort& log) : lane_(lane), limits_(limits), log_(log) {}
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Handles one message, and adds the messages that the cache sends because of it to `out`. If this throws while it
  // changes the state of a resource, the cache ends all subscriptions to the name of this resource.
  void process(CacheIn&& message, CacheOut& out);

  // Returns the number of entries in the tables of the cache. It must be 0 when no client has been connected for
  // CacheLimits::keep_unused; otherwise the cache leaks memory.
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
  // Kinds of long work, which the cache does in pieces. Between the pieces it handles other messages. Only messages for
  // the same name wait until the work is done.

  // Asks services again about all resources of a name, in the order of their queries. There are three causes:
  // - A query event says that resources with a query may have changed. Then `subject` is set.
  // - NATS refused the subscription to the events of the name, and the cache subscribes again. Then `anew` is true.
  // - A reset or reaccess event says that states or access rights may be outdated. Then `reset` is set.
  struct Sweep {
    SubscriptionHandle name_handle = 0;
    std::string subject = {};  // the NATS subject for query requests, as the query event gives it
    NameReset reset = {};
    bool anew = false;  // true: asks for the states of all resources of the name again
    bool begun = false;
    bool done = false;
    std::string behind = {};  // the query of the resource that was visited last
  };
  // Handles the messages that waited until earlier work on their resource name was done, oldest first.
  struct Drain {
    SubscriptionHandle name_handle = 0;
  };
  // A task after a comparison of the cached state with a newer one: send subscribers each difference as an event.
  struct Telling {
    SubscriptionHandle name_handle = 0;
    ResourceId resource = 0;
  };
  struct Resets {};  // applies system resets (services declare names outdated) to the cached names
  // Does what is due at the present time: evicts unused names at their evict_at, and repeats failed get requests at
  // their retry_at.
  struct Due {};
  using Work = std::variant<Sweep, Drain, Telling, QueryAnswer, Resets, Due>;

  struct PendingReset {
    std::uint64_t number = 0;
    PatternSet resources;
    PatternSet access;
    // Returns how many units of work it takes to apply this reset to one name: 1, and 1 more for every 16 patterns with
    // a wildcard, since each of them must be compared with the name.
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

  // cache_refusal.cpp: handles refused subscriptions (NATS does not let the cache subscribe to the events of a name)
  void subscribe_again(CachedName& name);
  void want_anew(CachedResource& r);
  void give_up(CachedName& name, const ErrorPtr& error);
  void give_up_changing();
  bool end_some_subscriptions();
  bool wait_for_room(CachedName& name);
  void try_waiting();

  // cache_order.cpp: queues messages that must wait, for an answer or for the end of long work, and handles them later
  CachedName* name_of(const CacheIn& message);
  bool must_wait(CacheIn& message);
  void hold(CachedName& name);
  void let_through(CachedName& name);
  void defer(CachedName& name, CacheIn&& m);
  bool overflows(const CachedName& name) const;
  void let_oldest_through(CachedName& name);
  bool drain(CachedName& name);

  // cache_queries.cpp: handles query events (resources with a query may have changed) and asks for the changes
  void ask_for_query(CachedResource& r, const std::string& subject);
  bool query_answer(CachedResource& r, QueryAnswer& m);
  void query_failed(CachedResource& r, const ErrorPtr& error);
  bool query_events(CachedResource& r, QueryAnswer& m);
  bool continue_work(QueryAnswer& m);

  // cache_reset.cpp: after a system reset (a service declares states outdated), asks for new states and replaces the
  // cached ones
  void reset(CachedResource& r);
  void reset_answer(CachedResource& r, Decoded<GetResult>&& result);
  void compare(CachedResource& r, Resource&& next);
  void retry_later(CachedResource& r);
  void tell_edits(CachedResource& r, std::size_t at_most);
  void take_next(CachedResource& r);
  void pass_by(CachedName& name);
  void catch_up(CachedName& name);

  // cache_work.cpp: does long work in pieces
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

  // cache_events.cpp: applies the events of services to states, and sends them to subscribers
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
  ResourceId changing_ = 0;  // the resource that the current message changes; 0: none
  Millis now_ = 0;           // the time in the latest Tick message
  CacheCounters counters_;
  std::uint64_t last_serial_ = 0;  // serial number of the newest record; it is part of the record's id
  std::uint64_t last_reset_ = 0;   // number of the latest system reset (a service declares names outdated)
  NamesInOrder in_order_;          // all names, in the order in which the cache created them
  UnusedNames unused_;             // names that nobody uses, in the order in which they are evicted
  NamesUsedOnce used_once_;        // the names in unused_ that clients asked for only once; longest unused first
  WaitingNames waiting_;           // names whose refused NATS subscription is tried again; longest waiting first
  Retries retries_;                // failed get requests to repeat, in the order in which they are due
  KeyedTable<CachedName, CachedNameKey> names_;
  boost::unordered_flat_map<SubscriptionHandle, CachedName*, IdHash> by_handle_;
  boost::unordered_flat_map<ResourceId, CachedResource*, IdHash> resources_;
  std::size_t waiting_names_ = 0;   // number of names for which new messages must wait
  std::size_t deferred_bytes_ = 0;  // bytes of all waiting messages
  bool full_ = false;               // true: the cache has logged that it is full, but not yet that it has room again
  Millis full_since_ = 0;
  std::deque<Work> work_;
  bool continues_ = false;             // true: a Continue message from the cache to itself is on its way
  bool due_at_work_ = false;           // true: the queue work_ contains an entry of type Due
  std::size_t units_ = limits_.piece;  // units of work that may still be done before the next Continue or Tick message
  // System resets (a service declares resources outdated by patterns of names). Each is compared with every cached
  // name, and applied to the names that match.
  std::deque<PendingReset> resets_;
  CachedName* reset_at_ = nullptr;  // the next name to compare with the resets; null: no name is left
  // Resets are numbered. The pass over all names that is under way completes the resets up to this number.
  std::uint64_t reset_goal_ = 0;
  OncePerService legacy_changes_;  // services that use the old change event of RES 1.0; each is logged once
};

}  // namespace resflow
