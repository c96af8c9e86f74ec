// An operation is the work for one message to a client. The message is the answer to a request, or an event with
// references to resources that the client does not have. The operation first waits until all resources that the message
// needs are loaded. It goes through its phases in order, in slices if there is much work (agenda.hpp). It goes back to
// the phase `loading` if the client has lost a resource that the operation needs.
//
// No I/O; owned by its ClientSession.
#pragma once

#include <boost/container/small_vector.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct Subscription;

// Some subscriptions of one client; mostly one or two.
using Subscriptions = boost::container::small_vector<Subscription*, 2>;

// The references that an operation still has to visit. It is a queue of lists of references. Each list is part of a
// snapshot or event, which its entry in the queue keeps alive.
class ReferenceWalk {
 public:
  bool empty() const { return lists_.empty(); }
  void clear() { lists_.clear(); }

  void add(const SnapshotPtr& snapshot) { add(Rids(snapshot, &snapshot->references)); }
  void add_added(const EventPtr& event) { add(Rids(event, &event->added)); }

  // Takes the next reference out of the queue. The queue must not be empty.
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

// The resources that a message makes the client hold: those that it names, and everything they refer to.
struct Closure {
  Subscriptions to_collect;               // resources of the closure that collect() must still visit
  Subscriptions fresh;                    // resources collected so far, which the client does not have
  std::vector<Subscription*> references;  // the references of all `fresh` resources, in the order of `fresh`
  bool all_loaded = true;                 // false if a resource of the closure must be loaded again
  std::size_t held = 0;                   // how many of `fresh` are marked as held (Held::held) already
  std::size_t referred = 0;               // how many of `references` are counted in Holdings already
  ResourceSet set;                        // one entry for each of `fresh`, in the order of `fresh`
  std::size_t text_bytes = 0;             // size of the texts in `set`
  // Resources of the closure on which events wait. Session sends these events after the message.
  std::vector<RidPtr> drains;

  void add(const RidPtr& rid, SnapshotPtr snapshot, const ErrorPtr& error) {
    if (snapshot) text_bytes += snapshot->text.size();
    set.push_back(SetEntry{rid, std::move(snapshot), error});
  }
};

struct Operation {
  enum class Kind : std::uint8_t { subscribe, get, resource_reply, event };
  enum class Phase : std::uint8_t {
    loading,     // session has asked for the resources that are known so far, and waits for them
    collecting,  // all resources seem to be loaded; session puts the closure together
    giving,      // session records that the client holds the closure, and fills the resource set
  };

  Kind kind = Kind::subscribe;
  Phase phase = Phase::loading;
  bool awaits_verdict = false;             // the operation waits to learn whether the client may read the resource
  std::uint32_t key = 0;                   // identifies the operation while it exists
  RequestId id;                            // id of the request to answer
  LazyQueue<RequestId> others;             // ids of more get requests for the resource, answered one by one after `id`
  Subscription* subject = nullptr;         // the resource that the request asks for, or that the event is about
  EventPtr event;                          // the event, for Kind::event; else null
  ErrorPtr refused;                        // why session must refuse the request; null if it need not
  std::uint32_t serial = 0;                // the operation marks each subscription that it visits with this number
  std::uint32_t waiting = 0;               // how many resources the operation waits for until they are loaded
  std::unique_ptr<ReferenceWalk> to_load;  // the references that are left to visit; null when there are none
  std::unique_ptr<Closure> closure;        // the resources that the message needs; null in Phase::loading
  Subscriptions pins;                      // the subscriptions that must not be removed before the operation ends
};

struct OperationKey {
  static std::uint32_t key(const Operation& op) { return op.key; }
  static std::size_t hash(std::uint32_t key) { return key; }
  static bool equal(std::uint32_t a, std::uint32_t b) { return a == b; }
};

}  // namespace resflow
