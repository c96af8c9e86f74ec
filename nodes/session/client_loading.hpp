// Loads what an operation of one client needs: every resource that its message will make the client hold, and
// everything these refer to ("Resource set": "any subscribed resource previously not subscribed by the client").
//
// Pure; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientLoading {
 public:
  explicit ClientLoading(Client& client) : client_(client) {}

  // Visits the resources that the operation needs and the client does not have, in the order in which they are named,
  // and asks the cache for them. Returns false if the client's share of the turn is used up.
  bool visit(Operation& op);
  // Visits one resource.
  void visit(Operation& op, Subscription& s);
  // Makes the operation wait for the resource, and starts to load it if that has not begun.
  void want(Operation& op, Subscription& s);
  // Takes the LoadResult for the subscription. Returns the operations that can go on.
  OperationKeys loaded(Subscription& s, const LoadResult& m);

 private:
  void visit(Operation& op, const RidPtr& rid);
  void exceed(Operation& op, const RidPtr& rid);
  static void add_to_walk(Operation& op, const SnapshotPtr& snapshot);

  Client& client_;
};

}  // namespace resflow
