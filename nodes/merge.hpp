// merge: the cache. One record a resource name; applies what services send in the order in which it came, drops what
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
//
// A name whose events are refused is given up: who waits for it gets an error, who is subscribed loses it. But where
// there are too many subscriptions, names that nobody uses go first, or it waits a little for one, and is tried again.
// The next to want the name tries again, too.
//
// What one system reset causes is one throttle. Every lane gets every system reset, in one order, so each gives it the
// same number.
//
// Pure; one instance a lane, called by that lane only. A name that nobody uses is kept for `keep_unused`.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <functional>
#include <set>
#include <string_view>

#include "nodes/cache.hpp"
#include "nodes/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct MergeOut {
  std::vector<ToLane<SessionIn>> session;
  std::vector<ToLane<AuthorizeIn>> authorize;
  std::vector<AskIn> ask;
  std::vector<DiffIn> diff;
};

struct MergeLimits {
  Millis keep_unused = 5'000;
  Millis reset_retry = 5'000;
  std::size_t deferred = 65'536;  // messages of one name that wait
  // A longer name makes the subscription to its events break the server's limit on a control line, and that ends the
  // connection for all.
  std::size_t name_size = 4'000;
  // For a subscription to end, where there are as many as the messaging system allows.
  Millis room_wait = 1'000;
};

class Merge {
 public:
  Merge(LaneId lane, MergeLimits limits, LogPort& log) : lane_(lane), limits_(limits), log_(log) {}

  void process(MergeIn&& message, MergeOut& out);

  std::size_t name_count() const { return names_.size(); }
  std::size_t resource_count() const { return resources_.size(); }
  bool waits_for_time() const { return !unused_.empty() || !retries_.empty() || !waiting_.empty(); }
  const MergeCounters& counters() const { return counters_; }
  // Some of the cached resources: no more than `at_most`.
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  // None when it is not there any more.
  std::optional<ResourceState> state_of(ResourceId id) const;

 private:
  void on(Subscribe&& m);
  void on(Withdraw&& m);
  void on(Unsubscribe&& m);
  void on(ServiceEvent&& m);
  void on(GetAnswer&& m);
  void on(QueryAnswer&& m);
  void on(PassOn&& m);
  void on(DiffResult&& m);
  void on(SystemReset&& m);
  void on(NameReset&& m);
  void on(SubscriptionRefused&& m);
  void on(Tick&& m);

  // merge_cache.cpp: records
  CachedName& obtain(std::string_view name);
  void subscribe_to_events(CachedName& name);
  CachedResource& create(CachedName& name, std::string_view query);
  static CachedResource* find(CachedName& name, std::string_view query);
  CachedResource* find(ResourceId id);
  void remove(CachedResource& r);
  void release(CachedName& name);
  void evict(CachedName& name);
  void subscribe(CachedResource& r, Tickets&& tickets);
  static const SnapshotPtr& snapshot(CachedResource& r);
  static Resource& state(CachedResource& r);
  static void keep_as_text(CachedResource& r);
  void get(CachedResource& r, bool reset, ThrottleId throttle);
  void ask_again(CachedResource& r, bool reset);
  void load_failed(CachedResource& r, const ErrorPtr& error);
  void answer_waiting(CachedResource& r, const ErrorPtr& error);
  void refuse(Tickets&& tickets, const ErrorPtr& error);
  void load(CachedResource& r, GetResult&& result);
  CachedResource& normalize(CachedResource& r, std::string_view query);

  // merge_refusal.cpp: names whose events cannot be had
  void subscribe_again(CachedName& name);
  void give_up(CachedName& name, const ErrorPtr& error);
  bool make_room();
  bool wait_for_room(CachedName& name);
  void try_waiting();

  // merge_order.cpp: what waits for what
  bool defer(CachedName& name, MergeIn&& m);
  void let_through(CachedName& name);
  void query_event(CachedName& name, const std::string& subject);
  void query_answer(CachedResource& r, QueryAnswer&& m);
  void apply(CachedResource& r, std::vector<Edit>&& edits);
  void reset(CachedResource& r);
  void reset_answer(CachedResource& r, Decoded<GetResult>&& result);
  void compare(CachedResource& r, Resource&& next);
  void retry_later(CachedResource& r);

  // merge_events.cpp: changes of state
  void event(CachedResource& r, ServiceEvent&& e);
  void change(CachedResource& r, ChangeEvent&& e);
  void add(CachedResource& r, AddEvent&& e);
  void edit(CachedResource& r, std::vector<Edit>&& edits, std::shared_ptr<Resource>&& next);
  void remove_value(CachedResource& r, std::int64_t idx);
  void reaccess(CachedResource& r, ThrottleId throttle);
  void deleted(CachedResource& r);
  void end_subscriptions(CachedResource& r, const ErrorPtr& reason);
  void emit(CachedResource& r, ResourceEvent&& event);
  void drop(EventDrop why) { ++counters_.dropped[why]; }
  void misfit(const CachedResource& r, std::string_view event, std::string_view what);
  void complain(const CachedResource& r, std::string_view event, std::string_view what);
  void warn_of_legacy_change(std::string_view name);

  LaneId lane_;
  MergeLimits limits_;
  LogPort& log_;
  MergeOut* out_ = nullptr;  // during process()
  Millis now_ = 0;
  MergeCounters counters_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_reset_ = 0;
  KeyedTable<CachedName, CachedNameKey> names_;
  boost::unordered_flat_map<std::uint64_t, CachedName*> by_handle_;
  boost::unordered_flat_map<ResourceId, CachedResource*> resources_;
  std::deque<std::pair<Millis, std::uint64_t>> unused_;     // when, and the handle of the name
  std::deque<std::pair<Millis, std::uint64_t>> used_once_;  // those of them that were never reused
  std::deque<std::pair<Millis, ResourceId>> retries_;
  std::deque<std::uint64_t> waiting_;          // handles of names that wait for room
  std::set<std::string, std::less<>> warned_;  // services that sent RES 1.0 change events
};

}  // namespace resflow
