// What the gateway keeps for one client: which resources the client holds (is subscribed to, directly or through
// references), and its operations under way (requests and events that wait for resources). There is a Subscription
// object for each resource that the client holds or that an operation needs. It is made when it is first needed, and
// removed when neither the client nor an operation needs it.
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
  // `owner` is the ClientSession that these records belong to. It is only stored in each new subscription, and never
  // called here.
  ClientRecords(SessionContext& session, ClientSession& owner, const ClientIdentity& identity, ClientWork& work)
      : session_(session), owner_(owner), identity_(identity), work_(work) {}

  // ---- subscriptions

  Subscription* find(const RidPtr& rid) const { return subscriptions_.find(rid); }
  // Returns the client's subscription on the resource id `rid`. Makes one if there is none.
  Subscription& obtain(const RidPtr& rid);
  // Makes a subscription on the resource id `rid`. There must be none yet.
  Subscription& make(const RidPtr& rid);
  std::size_t subscription_count() const { return subscriptions_.size(); }
  template <typename Visit>
  void for_each_subscription(Visit&& visit) const {
    subscriptions_.for_each(visit);
  }
  // Forgets the resource's state and its events that wait. If one of its events waits until the resources to which it
  // refers are loaded, forgets this event, too, with the operation that loads them. An operation that needs the
  // resource loads it again. The session gets no more events of the resource. So it might miss a reaccess event (the
  // client's access may have changed), and will ask for access again (Subscription::assume_reaccess). If the resource
  // is being loaded now, the load continues, and events still come.
  void forget_state(Subscription& s);
  // Removes the subscription if the client does not hold the resource, and no operation or task needs it.
  void drop_if_unused(Subscription& s);

  // ---- operations

  // Starts an operation, which prepares one message to the client: the answer to a request for `subject`, or an event
  // of `subject`.
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

  // A direct subscription is one that the client has asked for; the others come from references. want_direct(): notes
  // that an unanswered request asks for a direct subscription. confirm_direct(): adds one, when a request was answered
  // with success. unsubscribe(): removes `count` of them.
  void want_direct(Subscription& s);
  void confirm_direct(Subscription& s) { holdings_.subscribe(s); }
  void unsubscribe(Subscription& s, std::uint32_t count);
  // Returns the number that is compared with the client's limit: how many resources the client has subscribed to by a
  // request, or asks to subscribe to in a request under way. Each resource counts once, however often the client
  // subscribes to it.
  std::uint32_t direct_count() const { return direct_; }

  // ---- what the client holds

  // These functions record that one of the client's resources refers to another, or no longer refers to it
  // (holdings.hpp).
  void refer(Subscription& from, Subscription& to) { holdings_.refer(from, to); }
  void unrefer(Subscription& from, Subscription& to) { holdings_.unrefer(from, to); }
  void unrefer_all(Subscription& from) { holdings_.unrefer_all(from); }
  // Finds the resources that the client is no longer subscribed to, directly or through references, and forgets them.
  // If the client has used up its share of work in this turn of the event loop, a task does this later.
  void let_go();
  // Does a task that has a list of subscriptions. Kind `unpin`: takes a pin off each (a pin keeps a subscription from
  // being removed), and removes those that nothing needs any more. Kind `forget_gone`: calls forget_state() for each.
  // If the client's share of work in this turn of the event loop is used up before the end of the list, a later turn
  // goes on with the rest.
  void go_through(Task&& task);

  // ---- the end of the connection

  // end(): drops the operations. release(): removes the subscriptions, and tells the cache that they have ended.
  // Returns false if it could not remove all of them in this turn of the event loop; Session then calls it again in a
  // later turn.
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
