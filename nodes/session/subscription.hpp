// One resource in one client's session: whether the client holds it (Held), and what the session knows about it.
// Pure; owned by its ClientSession.
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
  idle,     // not asked for; kept because an operation needs it
  loading,  // a Subscribe is sent, and its LoadResult is awaited
  loaded,   // the state is here, and the client does not have it yet; events wait
  failed,   // there is an error in place of the state; the client has the error if it holds the item
  live,     // the client has the state, and gets events
  deleted,  // the client has the last state; no more events come
};

// The part of a subscription that exists only while something is under way on it, or while it has an error in place of
// its state. It is separate to save memory: nearly all subscriptions are live and at rest, and there may be very many.
struct Progress {
  using Operations = boost::container::small_vector<Operation*, 1>;

  Ticket ticket = 0;                 // of the Subscribe that is under way
  SnapshotPtr snapshot;              // the loaded state, until the client has it
  ErrorPtr error;                    // why the resource failed
  ThrottleId reaccess_throttle = 0;  // of the reaccess event that has not been handled yet

  Operation* blocked_by = nullptr;           // an event's operation; later events wait for it
  Operation* getting = nullptr;              // a get request's operation, which further gets join
  LazyQueue<EventPtr> waiting;               // waiting events, in order
  Operations loaders;                        // operations that wait for the LoadResult
  std::vector<Operation*> awaiting_verdict;  // operations that wait for the verdict

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
  // Returns true if an event can be sent to the client at once.
  bool open() const {
    return state == SubscriptionState::live && !access.events_wait() && !reaccess &&
           (!progress_ || (progress_->blocked_by == nullptr && progress_->waiting.empty()));
  }
  bool linked() const { return resource != 0; }
  // Returns true if a request for the resource is under way.
  bool has_requests() const { return pending_direct > 0 || progress().getting != nullptr; }

  // The client hears no events of the resource from now on, so a reaccess event may be missed. It is as if one came
  // when events are heard again: as soon as the resource is loaded for requests under way, else when the client gets
  // it.
  void assume_reaccess() {
    if (access.is_known()) reaccess = true;
  }
  // Lets a resource that failed or was deleted be loaded again, because the client asks for it directly.
  void refresh() {
    if (state != SubscriptionState::deleted && (state != SubscriptionState::failed || !held)) return;
    state = SubscriptionState::idle;
    make_progress().error = nullptr;
  }

  bool at_rest() const { return progress_ == nullptr; }
  // What is under way: to read it, and to change it.
  const Progress& progress() const { return progress_ ? *progress_ : kNoProgress; }
  Progress& make_progress() {
    if (!progress_) progress_ = std::make_unique<Progress>();
    return *progress_;
  }
  // Frees the progress if nothing is under way any more. Call it when something has ended.
  void settle() {
    if (progress_ && !reaccess && progress_->nothing()) progress_ = nullptr;
  }

  ClientSession* session;
  RidPtr rid;     // the resource id as the client spells it
  RidPtr target;  // the rid with the connection id filled in

  SubscriptionState state = SubscriptionState::idle;
  AccessState access;
  bool reaccess = false;             // a reaccess event came, and has not been handled yet
  bool draining = false;             // a task is handling the waiting events
  std::uint32_t question = 0;        // number of the latest question that authorize was asked about it
  std::uint32_t pins = 0;            // number of operations and tasks that keep the subscription
  std::uint32_t visit = 0;           // serial of the latest walk that visited it
  std::uint32_t pending_direct = 0;  // direct subscriptions asked for, and not confirmed yet
  std::uint32_t list_index = 0;      // its index among the lane's subscribers of the resource
  ResourceId resource = 0;           // the cache's id of the resource; 0 while it is not linked

 private:
  std::unique_ptr<Progress> progress_;
};

struct SubscriptionKey {
  static const RidPtr& key(const Subscription& s) { return s.rid; }
  static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
  static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
};

}  // namespace resflow
