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
  // Pins the subscription, which keeps it until the operation ends. Starts to load the resource, unless it is loaded or
  // being loaded already. While the resource is being loaded, the operation waits for it.
  void want(Operation& op, Subscription& s);
  // Asks the cache for the resource, with a ticket. If a reaccess event was not handled yet, and requests for the
  // resource are under way, handles the event first. So these requests get a verdict that is newer than the event.
  void start_loading(Subscription& s, ThrottleId throttle);
  // Stores the state, or the error, that the LoadResult contains. Returns the operations that waited for it and can go
  // on.
  OperationKeys loaded(Subscription& s, const LoadResult& m);

 private:
  void visit(Operation& op, const RidPtr& rid);
  void exceed(Operation& op, const RidPtr& rid);
  static void add_to_walk(Operation& op, const SnapshotPtr& snapshot);

  Client& client_;
};

}  // namespace resflow
