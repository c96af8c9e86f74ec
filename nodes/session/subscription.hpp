// What a client's session knows about one resource that the client holds or has asked for. To hold a resource is to be
// subscribed to it, directly or through references (Held). No I/O; owned by its ClientSession.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/access_state.hpp"
#include "nodes/session/holdings.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

class ClientSession;

enum class SubscriptionState : std::uint8_t {
  idle,     // the cache was not asked for the resource's state yet, or the session has dropped the state since
  loading,  // the cache was asked for the state (Subscribe), and has not answered yet (LoadResult)
  loaded,   // the session has the state, but the client does not have it yet; the resource's events wait
  failed,   // the cache has answered with an error; if `held` (Held) is true, the client was sent the error
  live,     // the client has the state, and gets events
  deleted,  // the client got the delete event: no more events come, but the client keeps the last state
};

// The part of a subscription that exists only while something is under way for it, or while it has an error in place of
// its state. This saves memory: there may be very many subscriptions, and nothing is under way for nearly all of them.
struct Progress {
  using Operations = boost::container::small_vector<Operation*, 1>;

  Ticket ticket = 0;                 // number that the cache's answer will contain; 0: no answer is expected
  SnapshotPtr snapshot;              // the loaded state, until the client has it
  ErrorPtr error;                    // the error in place of the state
  ThrottleId reaccess_throttle = 0;  // limits the access requests after a reaccess event; 0: no limit

  Operation* blocked_by = nullptr;           // operation that loads what an event refers to; later events wait, too
  Operation* getting = nullptr;              // operation of a RES get request; further get requests join it
  LazyQueue<EventPtr> waiting;               // events that the client must get later, in order
  Operations loaders;                        // operations that wait until the resource is loaded
  std::vector<Operation*> awaiting_verdict;  // operations that wait for a verdict (may the client read?)

  bool nothing() const {
    return ticket == 0 && !snapshot && !error && blocked_by == nullptr && getting == nullptr && waiting.empty() &&
           loaders.empty() && awaiting_verdict.empty();
  }
};

inline const Progress kNoProgress;

struct Subscription : Held {
  Subscription(ClientSession& s, RidPtr r, RidPtr t) : session(&s), rid(std::move(r)), target(std::move(t)) {}

  // Returns true if the client holds the resource and was sent its data, or an error in place of the data.
  bool sent() const {
    return held && state != SubscriptionState::loading && state != SubscriptionState::loaded &&
           state != SubscriptionState::idle;
  }
  // Returns true if the client can get the next event at once: it has the state, and the event need not wait for a
  // verdict, an operation or earlier events.
  bool open() const {
    return state == SubscriptionState::live && !access.events_wait() && !reaccess &&
           (!progress_ || (progress_->blocked_by == nullptr && progress_->waiting.empty()));
  }
  bool linked() const { return resource != 0; }
  // Returns true if a request of the client for this resource is not answered yet.
  bool has_requests() const { return pending_direct > 0 || progress().getting != nullptr; }

  // Called when this client's session stops getting the resource's events. It might then miss a reaccess event, which
  // says that the client's access may have changed. So if the authorize node has given a verdict, acts as if such an
  // event had come: the authorize node will be asked again.
  void assume_reaccess() {
    if (access.is_known()) reaccess = true;
  }
  // Called when a request asks for the resource. If the client has seen the resource deleted, or got an error in its
  // place, makes sure that it is loaded again.
  void refresh() {
    if (state != SubscriptionState::deleted && (state != SubscriptionState::failed || !held)) return;
    state = SubscriptionState::idle;
    make_progress().error = nullptr;
    assume_reaccess();
  }

  bool at_rest() const { return progress_ == nullptr; }
  // progress(): returns the Progress record for reading; an empty one if the subscription has none. make_progress():
  // returns the record for writing, and makes it if it is missing.
  const Progress& progress() const { return progress_ ? *progress_ : kNoProgress; }
  Progress& make_progress() {
    if (!progress_) progress_ = std::make_unique<Progress>();
    return *progress_;
  }
  // Frees the Progress record if nothing is under way any more, and there is no error. Call this when work on the
  // resource has ended.
  void settle() {
    if (progress_ && !reaccess && progress_->nothing()) progress_ = nullptr;
  }

  ClientSession* session;
  RidPtr rid;     // the resource id as the client spells it
  RidPtr target;  // the resource id with {cid} replaced by the client's connection id

  SubscriptionState state = SubscriptionState::idle;
  AccessState access;
  bool reaccess = false;             // a reaccess event (access may have changed) came, and was not handled yet
  bool draining = false;             // a task is handling the waiting events
  std::uint32_t question = 0;        // serial number of the latest question to the authorize node about access
  std::uint32_t pins = 0;            // number of operations and tasks that keep the subscription from being removed
  std::uint32_t visit = 0;           // Operation::serial of the latest walk along references that came here
  std::uint32_t pending_direct = 0;  // number of unanswered requests that ask for a direct subscription
  std::uint32_t list_index = 0;      // index in LaneResource::subscribers, while `resource` is not 0
  ResourceId resource = 0;           // the cache's id of the resource; 0: the session does not get its events

 private:
  std::unique_ptr<Progress> progress_;
};

struct SubscriptionKey {
  static const RidPtr& key(const Subscription& s) { return s.rid; }
  static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
  static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
};

}  // namespace resflow
