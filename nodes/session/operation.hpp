// Something that ends with a message to the client once all resources that it needs are here: the answer to a request,
// or an event that refers to what the client does not have. It goes through its phases in order, in slices when there
// is much (see agenda.hpp), and back to `loading` when the client has let go of something meanwhile.
//
// Pure; owned by its ClientSession.
#pragma once

#include <boost/container/small_vector.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct Subscription;

// Mostly one or two.
using Subscriptions = boost::container::small_vector<Subscription*, 2>;

// Lists of references that are gone through, the earliest first. Each keeps what it is a part of.
class ReferenceWalk {
 public:
  bool empty() const { return lists_.empty(); }
  void clear() { lists_.clear(); }

  void add(const SnapshotPtr& snapshot) { add(Rids(snapshot, &snapshot->references)); }
  void add_added(const EventPtr& event) { add(Rids(event, &event->added)); }

  // There must be one.
  RidPtr next() {
    const auto& [rids, at] = lists_.front();
    RidPtr rid = (*rids)[at];
    if (++lists_.front().second == rids->size()) lists_.pop_front();
    return rid;
  }

 private:
  using Rids = std::shared_ptr<const std::vector<RidPtr>>;

  void add(Rids rids) {
    if (!rids->empty()) lists_.emplace_back(std::move(rids), 0);
  }

  std::deque<std::pair<Rids, std::size_t>> lists_;
};

// What a message makes the client hold anew, and all that these refer to, in their order.
struct Closure {
  Subscriptions walk;  // found, and not looked at yet
  Subscriptions fresh;
  std::vector<Subscription*> references;
  bool all_here = true;
  std::size_t held = 0;        // of `fresh`, how many the client is known to hold
  std::size_t referred = 0;    // of `references`, how many are counted
  ResourceSet set;             // for each of `fresh`, in order
  std::size_t text_bytes = 0;  // of the set
  std::vector<RidPtr> drains;  // of `fresh`, those on which events wait

  void add(const RidPtr& rid, SnapshotPtr snapshot, const ErrorPtr& error) {
    if (snapshot) text_bytes += snapshot->text.size();
    set.push_back(SetEntry{rid, std::move(snapshot), error});
  }
};

struct Operation {
  enum class Kind : std::uint8_t { subscribe, get, resource_reply, event };
  enum class Phase : std::uint8_t {
    loading,     // what it needs is asked for, as far as it is known
    collecting,  // all seems to be here: the closure is put together
    giving,      // the client comes to hold the closure
  };

  Kind kind = Kind::subscribe;
  Phase phase = Phase::loading;
  bool judging = false;             // the verdict is awaited
  std::uint32_t key = 0;            // names it for as long as it lasts
  RequestId id;                     // of the request
  LazyQueue<RequestId> others;      // gets of the same resource that came meanwhile: each is answered in its turn
  Subscription* subject = nullptr;  // the resource asked for, or the one whose event this is
  EventPtr event;
  ErrorPtr refused;                     // why it cannot be done, whatever is loaded
  std::uint32_t serial = 0;             // of its walk
  std::uint32_t waiting = 0;            // resources being loaded for it
  std::unique_ptr<ReferenceWalk> walk;  // null: nothing is left to be visited
  std::unique_ptr<Closure> closure;     // null while loading
  Subscriptions pins;
};

struct OperationKey {
  static std::uint32_t key(const Operation& op) { return op.key; }
  static std::size_t hash(std::uint32_t key) { return key; }
  static bool equal(std::uint32_t a, std::uint32_t b) { return a == b; }
};

}  // namespace resflow
