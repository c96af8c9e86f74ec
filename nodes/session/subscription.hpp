// One resource as one client's session knows it: whether the client holds it (Held), and what the session has of it.
// Pure; owned by its ClientSession.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/holdings.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

class ClientSession;

enum class SubscriptionState : std::uint8_t {
  idle,     // nothing is asked for; kept because an operation wants it
  loading,  // Subscribe is sent, LoadResult is awaited
  loaded,   // the state is here and frozen, events wait; the client does not have it
  failed,   // there is an error instead of a state; the client has that error if the item is held
  live,     // the client has the state, and gets events
  deleted,  // the client has the last state; no more events come
};

// What a subscription has only while something is under way on it, or while there is an error in place of its state.
// Nearly all subscriptions are live and at rest, and there may be very many.
struct Progress {
  using Operations = boost::container::small_vector<Operation*, 1>;

  Ticket ticket = 0;                 // of the Subscribe that is out
  SnapshotPtr snapshot;              // of the loaded state
  ErrorPtr error;                    // of the failed state
  ThrottleId reaccess_throttle = 0;  // of the reaccess that could not be followed yet

  Operation* blocked_by = nullptr;  // the event being made ready; later events wait
  Operation* getting = nullptr;     // the get under way, which further ones join
  LazyQueue<EventPtr> waiting;      // events, in order
  Operations loaders;               // those that wait for LoadResult
  Operations judged;                // those that wait for the Verdict

  bool nothing() const {
    return ticket == 0 && !snapshot && !error && blocked_by == nullptr && getting == nullptr && waiting.empty() &&
           loaders.empty() && judged.empty();
  }
};

inline const Progress kNoProgress;

struct Subscription : Held {
  Subscription(ClientSession& s, RidPtr r, RidPtr t) : session(&s), rid(std::move(r)), target(std::move(t)) {}

  // The client has what there is to have: a state, or an error.
  bool sent() const {
    return held && state != SubscriptionState::loading && state != SubscriptionState::loaded &&
           state != SubscriptionState::idle;
  }
  // Nothing stands between an event and the client.
  bool open() const {
    return state == SubscriptionState::live && !rechecking && !reaccess &&
           (!progress_ || (progress_->blocked_by == nullptr && progress_->waiting.empty()));
  }
  bool linked() const { return resource != 0; }

  bool at_rest() const { return progress_ == nullptr; }
  // What is under way, to be read, and to be changed.
  const Progress& progress() const { return progress_ ? *progress_ : kNoProgress; }
  Progress& make_progress() {
    if (!progress_) progress_ = std::make_unique<Progress>();
    return *progress_;
  }
  // To be called when something is over.
  void settle() {
    if (progress_ && !reaccess && progress_->nothing()) progress_ = nullptr;
  }

  ClientSession* session;
  RidPtr rid;     // as the client spells it
  RidPtr target;  // with the connection id in place

  SubscriptionState state = SubscriptionState::idle;
  bool asked = false;                // authorize knows of it, and wants a Release
  bool questioned = false;           // a Question is out
  bool reaccess = false;             // a reaccess event came while it could not be followed
  bool rechecking = false;           // a Recheck is out: events wait for the verdict
  bool draining = false;             // its waiting events are being worked off
  std::uint32_t pins = 0;            // operations that want it
  std::uint32_t visit = 0;           // scratch of a walk
  std::uint32_t pending_direct = 0;  // direct subscriptions asked for, not yet confirmed
  std::uint32_t list_index = 0;      // its place among the lane's subscribers of
  ResourceId resource = 0;           // the cache's id once it is linked

 private:
  std::unique_ptr<Progress> progress_;
};

struct SubscriptionKey {
  static const RidPtr& key(const Subscription& s) { return s.rid; }
  static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
  static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
};

}  // namespace resflow
