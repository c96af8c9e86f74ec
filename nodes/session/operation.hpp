// An operation prepares one message to a client. The message is the answer to a request, or an event with references to
// resources that the client does not have. The operation loads these resources and everything that they refer to, and
// then sends the message. It goes through its phases in order, in slices if there is much work (agenda.hpp). It goes
// back to the phase `loading` if a loaded resource was forgotten meanwhile.
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

// A list of subscriptions of one client. Most lists have one or two elements.
using Subscriptions = boost::container::small_vector<Subscription*, 2>;

// A queue of the references that an operation still has to follow. An entry is the list of references in one resource
// state or one event, and keeps that state or event in memory.
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

// The resources that a message makes the client hold (be subscribed to): those that it names, and everything they refer
// to.
struct Closure {
  Subscriptions to_collect;               // resources that collect() must still look at
  Subscriptions fresh;                    // resources collected so far; the client does not have them yet
  std::vector<Subscription*> references;  // the references of all `fresh` resources, in the order of `fresh`
  bool all_loaded = true;                 // false if collect() found a resource that is not loaded any more
  std::size_t held = 0;                   // how many of `fresh` the client holds (Held::held) already
  std::size_t referred = 0;               // how many of `references` are in Held::references already
  ResourceSet set;                        // one entry for each of `fresh`, in the order of `fresh`
  std::size_t text_bytes = 0;             // size of the texts in `set`
  // Resources whose events must wait until the message with `set` is sent. Tasks send these events after it.
  std::vector<RidPtr> drains;

  void add(const RidPtr& rid, SnapshotPtr snapshot, const ErrorPtr& error) {
    if (snapshot) text_bytes += snapshot->text.size();
    set.push_back(SetEntry{rid, std::move(snapshot), error});
  }
};

struct Operation {
  enum class Kind : std::uint8_t { subscribe, get, resource_reply, event };
  enum class Phase : std::uint8_t {
    loading,     // waits for resources that were asked for; each may refer to more resources
    collecting,  // all resources are loaded; puts together those that the message must contain
    giving,      // puts these resources into the message, and records that the client holds them
  };

  Kind kind = Kind::subscribe;
  Phase phase = Phase::loading;
  bool awaits_verdict = false;             // the operation waits to learn whether the client may read the resource
  std::uint32_t key = 0;                   // unique number, by which tasks find the operation
  RequestId id;                            // id of the request to answer
  LazyQueue<RequestId> others;             // ids of more get requests for the resource, answered one by one after `id`
  Subscription* subject = nullptr;         // the resource that the request asks for, or that the event is about
  EventPtr event;                          // the event, for Kind::event; else null
  ErrorPtr refused;                        // the error that the request must be answered with; null: no error
  std::uint32_t serial = 0;                // number of the latest walk along references; see Subscription::visit
  std::uint32_t waiting = 0;               // how many resources are being loaded for the operation
  std::unique_ptr<ReferenceWalk> to_load;  // the references that are left to follow; null: nothing is left
  std::unique_ptr<Closure> closure;        // what the message to the client must contain; null in Phase::loading
  Subscriptions pins;                      // the subscriptions that must not be removed before the operation ends
};

struct OperationKey {
  static std::uint32_t key(const Operation& op) { return op.key; }
  static std::size_t hash(std::uint32_t key) { return key; }
  static bool equal(std::uint32_t a, std::uint32_t b) { return a == b; }
};

}  // namespace resflow
