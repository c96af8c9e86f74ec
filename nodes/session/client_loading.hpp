// Loads the resources that one client needs for an operation (a request, or an event with new references): every
// resource that the operation's message will make the client hold, and everything that these resources refer to
// ("Resource set": "any subscribed resource previously not subscribed by the client").
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientLoading {
 public:
  explicit ClientLoading(Client& client) : client_(client) {}

  // Visits the resources in op.to_load, in their order in that queue, and asks the cache for those that the client does
  // not have. Returns false if the client has used up its share of work in this turn.
  bool visit(Operation& op);
  // Visits one resource. If the client does not have it, calls want(). If session has loaded the state already, adds
  // the references in the state to op.to_load.
  void visit(Operation& op, Subscription& s);
  // Pins the subscription, so that it is not removed until the operation ends. Starts to load the resource, unless it
  // is loaded or being loaded already. While the resource is being loaded, the operation waits for it.
  void want(Operation& op, Subscription& s);
  // Asks the cache for the resource. Before that, rechecks the client's access if a reaccess event (the client's access
  // may have changed) was not handled yet, and requests for the resource are under way. So these requests get a verdict
  // that is newer than the event.
  void start_loading(Subscription& s, ThrottleId throttle);
  // Stores the state of the resource, or the error in its place, from the LoadResult. Returns the operations that
  // waited for the resource and can continue now.
  OperationKeys loaded(Subscription& s, const LoadResult& m);

 private:
  void visit(Operation& op, const RidPtr& rid);
  void exceed(Operation& op, const RidPtr& rid);
  static void add_to_walk(Operation& op, const SnapshotPtr& snapshot);

  Client& client_;
};

}  // namespace resflow
