// cache: the cache. One record a resource name; applies what services send in the order in which it came, drops what
// changes nothing, and tells each lane with subscribers once (RES-Service protocol, "Get request", "Resource events",
// "System reset event", "Query resources"). The only writer of resource state.
//
// Order, by resource name:
// - Events before the first state are dropped: the state has them.
// - A subscriber gets the state, then each later event, on the same edge.
// - Between a reset and its full state, mutating events are dropped; while that state is compared with the cached one,
// all
//   traffic of the name waits. If the full state cannot be had, it is asked for again later, and events stay dropped:
//   applied to an outdated state they would make it wrong, not just old.
// - A query event holds all traffic of the name until its query requests are answered.
// - When too much waits, what comes pushes the oldest through: the order among them stays, but they do not wait for the
//   answers any more. A resource for which such a message comes too early is fetched anew, behind the answers.
//
// A name whose events are refused is given up: who waits for it gets an error, who is subscribed loses it. But where
// there are too many subscriptions, names that nobody uses go first, or it waits a little for one, and is tried again.
// The next to want the name tries again, too.
//
// What one system reset causes is one throttle. Every lane gets every system reset, in one order, so each gives it the
// same number.
//
// Work that others can make as long as they like (over the resources of a name, over all names, over what waits, over
// the edits of a comparison) is cut into pieces: see cache_work.cpp. A name is held until its work is done. Names that
// a system reset has not come to yet take it before anything else that comes for them.
//
// Bytes are counted (nodes/cache/cache_bytes.hpp). At the limit unused names are let go at once, oldest first; when
// only what is used is left, what is new gets an error. What is used is never let go, and grows as its service says.
// What waits may take an eighth of the limit, and that of one name an eighth of this.
//
// Pure; one instance a lane, called by that lane only. A name that nobody uses is kept for `keep_unused`.
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
  std::vector<CacheIn> later;  // to itself, in the lane's next turn
};

class Cache {
 public:
  Cache(LaneId lane, CacheLimits limits, LogPort& log) : lane_(lane), limits_(limits), log_(log) {}
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  void process(CacheIn&& message, CacheOut& out);

  std::size_t name_count() const { return names_.size(); }
  std::size_t resource_count() const { return resources_.size(); }
  bool waits_for_time() const { return !unused_.empty() || !retries_.empty() || !waiting_.empty() || full_; }
  const CacheCounters& counters() const { return counters_; }
  // Some of the cached resources: no more than `at_most`.
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  // None when it is not there any more.
  std::optional<ResourceState> state_of(ResourceId id) const;

 private:
  // Work that is done piece by piece. A name that it concerns is held meanwhile.
  struct Sweep {  // over the resources of a name, in order of their queries
    SubscriptionHandle name_handle = 0;
    std::string subject = {};  // of a query event; or it is for
    NameReset reset = {};      // a reset; or
    bool anew = false;         // everything is asked for, behind a new subscription
    bool begun = false;
    bool done = false;
    std::string behind = {};  // the query of the latest
  };
  struct Drain {  // what waited on a name
    SubscriptionHandle name_handle = 0;
  };
  struct Telling {  // the edits of a comparison
    SubscriptionHandle name_handle = 0;
    ResourceId resource = 0;
  };
  struct Resets {};  // system resets, over all names
  struct Due {};     // what is let go, or tried again, because of the time
  using Work = std::variant<Sweep, Drain, Telling, QueryAnswer, Resets, Due>;

  struct PendingReset {
    std::uint64_t number = 0;
    PatternSet resources;
    PatternSet access;
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

  // cache_records.cpp
  CachedName& obtain(std::string_view name);
  void subscribe_to_events(CachedName& name);
  CachedResource& create(CachedName& name, std::string_view query);
  static CachedResource* find(CachedName& name, std::string_view query);
  CachedResource* find(ResourceId id);
  CachedName* find_name(SubscriptionHandle handle);
  void remove(CachedResource& r);
  void unlink(QueryLinks::iterator link);
  void count(CachedResource& r);

  // cache_eviction.cpp: when a record goes
  void release(CachedName& name);
  void evict(CachedName& name);
  void use_changed(CachedResource& r);
  bool make_room();
  void refuse_for_room(Tickets&& tickets);
  void see_whether_there_is_room();
  bool go_on(Due& d);

  // cache_load.cpp: from the first subscriber to the first state
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
  void no_room_for(CachedResource& r, const CachedResource::Loading& loading);
  CachedResource& normalize(CachedResource& r, std::string_view query);
  void link(CachedResource& target, std::string&& asked);

  // cache_refusal.cpp: names whose events cannot be had
  void subscribe_again(CachedName& name);
  void want_anew(CachedResource& r);
  void give_up(CachedName& name, const ErrorPtr& error);
  bool end_some_subscriptions();
  bool wait_for_room(CachedName& name);
  void try_waiting();

  // cache_order.cpp: what waits for what
  CachedName* name_of(const CacheIn& message);
  bool must_wait(CacheIn& message);
  void hold(CachedName& name);
  void let_through(CachedName& name);
  void defer(CachedName& name, CacheIn&& m);
  bool overflows(const CachedName& name) const;
  void let_oldest_through(CachedName& name);
  bool drain(CachedName& name);

  // cache_queries.cpp: query events
  void ask_for_query(CachedResource& r, const std::string& subject);
  bool query_answer(CachedResource& r, QueryAnswer& m);
  bool query_events(CachedResource& r, QueryAnswer& m);
  bool go_on(QueryAnswer& m);

  // cache_reset.cpp: full states that replace cached ones
  void reset(CachedResource& r);
  void reset_answer(CachedResource& r, Decoded<GetResult>&& result);
  void compare(CachedResource& r, Resource&& next);
  void retry_later(CachedResource& r);
  void tell_edits(CachedResource& r, std::size_t at_most);
  void take_next(CachedResource& r);
  void pass_by(CachedName& name);
  void catch_up(CachedName& name);

  // cache_work.cpp: pieces
  void add_work(Work&& work);
  void sweep(CachedName& name, Sweep&& s);
  void visit(CachedResource& r, const Sweep& s);
  bool walk(CachedName& name, Sweep& s);
  void finish_sweeps(CachedName& name);
  bool go_on(Sweep& s);
  bool go_on(Drain& d);
  bool go_on(Telling& t);
  bool go_on(Resets& r);
  bool spend(std::size_t units);

  // cache_events.cpp: changes of state
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
  CacheOut* out_ = nullptr;  // during process()
  Millis now_ = 0;
  CacheCounters counters_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_reset_ = 0;
  NamesInOrder in_order_;
  UnusedNames unused_;       // by the time at which they are let go
  NamesUsedOnce used_once_;  // likewise
  WaitingNames waiting_;     // for room for their subscriptions, in order
  Retries retries_;          // by their time
  KeyedTable<CachedName, CachedNameKey> names_;
  boost::unordered_flat_map<SubscriptionHandle, CachedName*, IdHash> by_handle_;
  boost::unordered_flat_map<ResourceId, CachedResource*, IdHash> resources_;
  std::size_t waiting_names_ = 0;  // of which traffic waits
  std::size_t deferred_bytes_ = 0;
  bool full_ = false;  // somebody was refused for want of room; the log says so
  Millis full_since_ = 0;
  std::deque<Work> work_;
  bool continues_ = false;             // a Continue is on its way
  bool due_at_work_ = false;           // a Due is in work_
  std::size_t units_ = limits_.piece;  // that may be spent until the next Continue or Tick
  std::deque<PendingReset> resets_;    // that some names may not have seen
  CachedName* reset_at_ = nullptr;     // the name they come to next; null: none
  std::uint64_t reset_goal_ = 0;       // the number that all names have seen when it has come to the end
  OncePerService legacy_changes_;      // of RES 1.0
};

}  // namespace resflow
