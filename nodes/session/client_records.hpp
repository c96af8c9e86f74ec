// What one client's session keeps: the subscriptions, the operations under way, and what the client holds. A
// subscription is made when it is first needed, and removed when neither the client nor an operation needs it.
//
// Pure; owned by the client's session.
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
  // `owner` is the session that the subscriptions name; it is not used.
  ClientRecords(SessionContext& session, ClientSession& owner, const ClientIdentity& identity, ClientWork& work)
      : session_(session), owner_(owner), identity_(identity), work_(work) {}

  // Subscriptions.
  Subscription* find(const RidPtr& rid) const { return subscriptions_.find(rid); }
  Subscription& obtain(const RidPtr& rid);
  // There must be no subscription for `rid` yet.
  Subscription& make(const RidPtr& rid);
  std::size_t subscription_count() const { return subscriptions_.size(); }
  template <typename Visit>
  void for_each_subscription(Visit&& visit) const {
    subscriptions_.for_each(visit);
  }
  // Asks the cache for the resource.
  void start_loading(Subscription& s, ThrottleId throttle);
  // Ends everything that is under way on the subscription, and forgets its state. An operation that still needs the
  // resource will load it again. A load under way goes on. A reaccess event that is not handled yet is kept, and one
  // may be missed from now on, so the verdict is not relied on any more.
  void forget_state(Subscription& s);
  void drop_if_unused(Subscription& s);

  // Operations.
  // Starts an operation for a request on `subject`, or for an event of it.
  Operation& start(Operation::Kind kind, Subscription& subject);
  // Removes the operation, whether it succeeded or not, and everything that refers to it.
  void finish(Operation& op);
  Operation* find_operation(std::uint32_t key) const { return operations_.find(key); }
  std::size_t operation_count() const { return operations_.size(); }
  template <typename Visit>
  void for_each_operation(Visit&& visit) const {
    operations_.for_each(visit);
  }
  // Keeps the subscription until the operation is finished.
  static void pin(Operation& op, Subscription& s);

  // Direct subscriptions (RES-Client protocol, "Subscriptions"). A resource counts once for the client's limit, however
  // often the client subscribes to it.
  // Counts a direct subscription that has been asked for.
  void want_direct(Subscription& s);
  void confirm_direct(Subscription& s) { holdings_.subscribe(s); }
  void unsubscribe(Subscription& s, std::uint32_t count);
  // Returns the number of resources with a direct subscription, confirmed or asked for.
  std::uint32_t direct_count() const { return direct_; }

  // What the client holds. let_go() lets go of the resources that the client does not hold any more after its latest
  // message. To find them may be much work, so it waits for the next share if this one is used up.
  void refer(Subscription& from, Subscription& to) { holdings_.refer(from, to); }
  void unrefer(Subscription& from, Subscription& to) { holdings_.unrefer(from, to); }
  void unrefer_all(Subscription& from) { holdings_.unrefer_all(from); }
  void let_go();
  // Does a task of the kinds `unpin` and `forget_gone`. Pushes it again if the client's share of the turn is used up.
  void go_through(Task&& task);

  // The connection is gone. end() drops the operations. release() gives the subscriptions back to the cache; it returns
  // false if it has to be called again, with another share.
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
