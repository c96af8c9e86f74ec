// What one client's session keeps: the subscriptions, the operations under way, and what the client holds. A
// subscription is made when it is first needed, and removed when neither the client nor an operation needs it.
//
// No I/O; owned by the client's session.
#pragma once

#include <cstdint>

#include "nodes/base/keyed_table.hpp"
#include "nodes/session/client_identity.hpp"
#include "nodes/session/client_work.hpp"
#include "nodes/session/holdings.hpp"
#include "nodes/session/operation.hpp"
#include "nodes/session/session_context.hpp"
#include "nodes/session/subscription.hpp"

namespace resflow {

class ClientRecords {
 public:
  // `owner` is the ClientSession that has these records. Each new subscription points to `owner`. The records never
  // call `owner`.
  ClientRecords(SessionContext& session, ClientSession& owner, const ClientIdentity& identity, ClientWork& work)
      : session_(session), owner_(owner), identity_(identity), work_(work) {}

  // ---- subscriptions

  Subscription* find(const RidPtr& rid) const { return subscriptions_.find(rid); }
  // Returns the subscription on `rid`. Makes one if there is none.
  Subscription& obtain(const RidPtr& rid);
  // Makes a subscription on `rid`. There must be none yet.
  Subscription& make(const RidPtr& rid);
  std::size_t subscription_count() const { return subscriptions_.size(); }
  template <typename Visit>
  void for_each_subscription(Visit&& visit) const {
    subscriptions_.for_each(visit);
  }
  // Forgets the state of the resource and the events that wait on it. If one of these events has an operation under
  // way, which loads its references, ends that operation. A load of the resource that is under way continues. If there
  // is no such load, session gets no events of the resource from now on. It may then miss a reaccess event, so it will
  // ask for a new verdict (Subscription::assume_reaccess). A reaccess event that has come already is still handled
  // later. An operation that needs the resource will load it again.
  void forget_state(Subscription& s);
  // Removes the subscription if the client does not hold the resource, and no operation or task needs it.
  void drop_if_unused(Subscription& s);

  // ---- operations

  // Starts an operation for a request on `subject`, or for an event of `subject`.
  Operation& start(Operation::Kind kind, Subscription& subject);
  // Removes the operation, whether it succeeded or not, and every pointer to it.
  void finish(Operation& op);
  Operation* find_operation(std::uint32_t key) const { return operations_.find(key); }
  std::size_t operation_count() const { return operations_.size(); }
  template <typename Visit>
  void for_each_operation(Visit&& visit) const {
    operations_.for_each(visit);
  }
  // Pins the subscription, that is, keeps it until the operation is finished.
  static void pin(Operation& op, Subscription& s);

  // ---- direct subscriptions (RES-Client protocol, "Subscriptions")

  // want_direct(): counts a direct subscription that a request asks for, until the request's operation is finished.
  // confirm_direct(): records that the client got a positive answer to the request, so that it now has the direct
  // subscription. unsubscribe(): ends `count` direct subscriptions that the client has.
  void want_direct(Subscription& s);
  void confirm_direct(Subscription& s) { holdings_.subscribe(s); }
  void unsubscribe(Subscription& s, std::uint32_t count);
  // Returns the number of resources that the client is subscribed to directly, or asks to subscribe to in a request
  // under way. Each resource counts once, however often the client subscribes to it. This number is compared with the
  // client's limit.
  std::uint32_t direct_count() const { return direct_; }

  // ---- what the client holds

  // These functions record that one of the client's resources refers to another, or no longer refers to it
  // (holdings.hpp).
  void refer(Subscription& from, Subscription& to) { holdings_.refer(from, to); }
  void unrefer(Subscription& from, Subscription& to) { holdings_.unrefer(from, to); }
  void unrefer_all(Subscription& from) { holdings_.unrefer_all(from); }
  // Finds the resources that the client does not hold any more, and forgets them. If the client has used up its share
  // of work in this turn, pushes a task that does this later.
  void let_go();
  // Does a task of the kinds `unpin` and `forget_gone`. If the client's share of work in this turn is used up before
  // the end, pushes the task again.
  void go_through(Task&& task);

  // ---- the end of the connection

  // end(): drops the operations. release(): removes the subscriptions, and tells the cache that they have ended.
  // Returns false if the work that is allowed in this turn is used up before all subscriptions are removed; Session
  // then calls release() again in a later turn.
  void end() { operations_.clear(); }
  bool release();

 private:
  void unpin(Subscriptions&& pins);
  void unwant_direct(Subscription& s);
  void withdraw(Subscription& s);

  SessionContext& session_;
  ClientSession& owner_;
  const ClientIdentity& identity_;
  ClientWork& work_;
  std::uint32_t direct_ = 0;
  Holdings holdings_;
  KeyedTable<Subscription, SubscriptionKey> subscriptions_;
  KeyedTable<Operation, OperationKey> operations_;
};

}  // namespace resflow
