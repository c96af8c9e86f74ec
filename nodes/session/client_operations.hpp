// Takes one client's operations through their phases. An operation is the work for one message to the client
// (operation.hpp). The closure of an operation is the resources that its message names, and everything that these refer
// to. When the closure is loaded, session commits the operation: it sends one message that carries all resources of the
// closure that the client does not have. Session does the work in slices (agenda.hpp), but handles no other message of
// the client between two slices.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientOperations {
 public:
  explicit ClientOperations(Client& client) : client_(client) {}

  // Takes the operation through its phases, as far as possible. The operation may be finished and deleted after this
  // call. Returns false if the client has used up its share of work in this turn.
  bool proceed(Operation& op);
  // Continues the operations with these keys. If there is only one operation, and the client's session has no other
  // work, this call continues it. Otherwise each operation becomes a task for later.
  void try_to_proceed(const OperationKeys& keys);
  // Applies an event: counts the references that it adds and removes, and sends the event with the resource set `set`.
  // Each resource to which the event adds a reference must be in `set`, unless the client has it already.
  void apply(Subscription& s, const EventPtr& event, ResourceSet set);
  // Ends an operation because the client may not read the operation's resource.
  void deny(Operation& op, const ErrorPtr& reason);

 private:
  bool start_collecting(Operation& op);
  bool collect(Operation& op);
  bool give(Operation& op);
  void give(Closure& closure, Subscription& s);
  void commit(Operation& op);
  void commit_event(Operation& op);
  void answer_request(Operation& op);
  void answer_next(Operation& op);
  void refuse(Operation& op, const ErrorPtr& reason);

  Client& client_;
};

}  // namespace resflow
