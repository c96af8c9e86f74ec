// One resource in one client's session: whether the client holds it (Held), and what the session knows about it.
// No I/O; owned by its ClientSession.
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
  idle,     // session has not asked the cache for the state; only an operation or task uses the subscription
  loading,  // session has sent a Subscribe, and waits for its LoadResult
  loaded,   // session has the state, and the client does not have it yet; events wait
  failed,   // session has an error in place of the state; if the client holds the resource, the client has the error
  live,     // the client has the state, and gets events
  deleted,  // the client got the resource's final event, and keeps the last state
};

// The part of a subscription that exists only while something is under way on it, or while it has an error in place of
// its state. This part is separate to save memory: there may be very many subscriptions, and nearly all of them are
// live, with nothing under way.
struct Progress {
  using Operations = boost::container::small_vector<Operation*, 1>;

  Ticket ticket = 0;                 // ticket of a Subscribe that has no LoadResult yet; 0: none
  SnapshotPtr snapshot;              // the loaded state, until the client has it
  ErrorPtr error;                    // the error in place of the state
  ThrottleId reaccess_throttle = 0;  // throttle for the access request that the reaccess event causes

  Operation* blocked_by = nullptr;           // the operation of an event, which loads references; later events wait
  Operation* getting = nullptr;              // the operation of a get request; further get requests join it
  LazyQueue<EventPtr> waiting;               // events that the client must get later, in order
  Operations loaders;                        // operations that wait for the LoadResult
  std::vector<Operation*> awaiting_verdict;  // operations that wait for a verdict (may the client read?)

  bool nothing() const {
    return ticket == 0 && !snapshot && !error && blocked_by == nullptr && getting == nullptr && waiting.empty() &&
           loaders.empty() && awaiting_verdict.empty();
  }
};

inline const Progress kNoProgress;

struct Subscription : Held {
  Subscription(ClientSession& s, RidPtr r, RidPtr t) : session(&s), rid(std::move(r)), target(std::move(t)) {}

  // Returns true if the client has the state, or the error in its place.
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

  // Session calls this when it stops getting the resource's events, since it may miss a reaccess event from then on. If
  // the node authorize remembers a verdict, session will ask for a new one: when it loads the resource for requests
  // under way, or else when the client gets the resource.
  void assume_reaccess() {
    if (access.is_known()) reaccess = true;
  }
  // Called when a request asks for the resource. If the resource was deleted, or if it failed and the client has the
  // error, makes session load the resource again.
  void refresh() {
    if (state != SubscriptionState::deleted && (state != SubscriptionState::failed || !held)) return;
    state = SubscriptionState::idle;
    make_progress().error = nullptr;
    assume_reaccess();
  }

  bool at_rest() const { return progress_ == nullptr; }
  // progress() returns what is under way on the resource, for reading. make_progress() returns the same record for
  // changes, and makes it if it is missing.
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
  std::uint32_t question = 0;        // number of session's latest question to the node authorize about the resource
  std::uint32_t pins = 0;            // number of operations and tasks that keep the subscription from being removed
  std::uint32_t visit = 0;           // Operation::serial of the latest operation that visited the subscription
  std::uint32_t pending_direct = 0;  // direct subscriptions that unanswered requests ask for
  std::uint32_t list_index = 0;      // index in the list of the resource's subscribers in this lane
  ResourceId resource = 0;           // the cache's id of the resource; 0 while session gets no events of it

 private:
  std::unique_ptr<Progress> progress_;
};

struct SubscriptionKey {
  static const RidPtr& key(const Subscription& s) { return s.rid; }
  static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
  static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
};

}  // namespace resflow
