// Takes one client's operations from beginning to end. An operation prepares one message to the client: the answer to a
// request, or an event (operation.hpp). It loads the resources that the message names, and everything that these refer
// to. When all of them are loaded, it sends the message, together with those resources that the client does not have
// yet.
//
// Long work is done in slices (agenda.hpp). Between two slices, no other message of the same client is handled.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientOperations {
 public:
  explicit ClientOperations(Client& client) : client_(client) {}

  // Does as much of the operation as is possible now. May finish and delete the operation. Returns false if the client
  // has used up its share of work in this turn of the event loop.
  bool proceed(Operation& op);
  // Continues the operations with these keys (Operation::key). If there is only one, and the client has no other work
  // left over, continues it at once. Otherwise makes each operation a task for later.
  void try_to_proceed(const OperationKeys& keys);
  // Sends an event to the client, and counts the references that the event adds and removes. `set` has the resources
  // that the client gets with the event: those that the event refers to and that the client does not have yet.
  void apply(Subscription& s, const EventPtr& event, ResourceSet set);
  // Ends an operation because the client may not read the operation's resource. The answer to its request is the error
  // `reason`.
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
