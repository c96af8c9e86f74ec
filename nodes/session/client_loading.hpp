// Loads the resources that one client needs for an operation. An operation is a request, or an event that adds
// references to resources. It needs the resources that it names, and everything that these refer to. Resources that the
// client has already are not loaded or sent again (RES-Client protocol, "Resource set").
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientLoading {
 public:
  explicit ClientLoading(Client& client) : client_(client) {}

  // Goes through op.to_load, the queue of resources that the operation still needs, and asks the cache for those that
  // the client does not have. Returns false if the client has used up its share of work in this turn of the event loop.
  bool visit(Operation& op);
  // Handles one resource that the operation needs. If the client does not have it, calls want(). If its state is loaded
  // already, puts the resources that the state refers to into op.to_load.
  void visit(Operation& op, Subscription& s);
  // If the resource is not loaded, makes the operation wait for it, and starts to load it if that has not begun. In any
  // case pins its subscription, that is, keeps it until the operation ends.
  void want(Operation& op, Subscription& s);
  // Asks the cache for the resource. Before that, asks the authorize node again whether the client may read it, if a
  // request of the client waits for the resource, and a reaccess event has come: such an event says that the earlier
  // verdict may be out of date.
  void start_loading(Subscription& s, ThrottleId throttle);
  // Stores the cache's answer: the resource's state, or an error in its place. Returns the operations that waited for
  // the resource and can continue now.
  OperationKeys loaded(Subscription& s, const LoadResult& m);

 private:
  void visit(Operation& op, const RidPtr& rid);
  void exceed(Operation& op, const RidPtr& rid);
  static void add_to_walk(Operation& op, const SnapshotPtr& snapshot);

  Client& client_;
};

}  // namespace resflow
