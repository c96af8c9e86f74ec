// Takes one client's operations through their phases (operation.hpp). When the closure of an operation is loaded, the
// operation is committed in one step, with one message that carries the whole closure. The work is done in slices, but
// between two slices the session handles no other message of the client.
//
// Pure; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientOperations {
 public:
  explicit ClientOperations(Client& client) : client_(client) {}

  // Takes the operation through its phases as far as possible; the operation may be finished and deleted then. Returns
  // false if the client's share of the turn is used up.
  bool proceed(Operation& op);
  // Goes on with the operations: at once if there is only one and the session is free, else as tasks.
  void try_to_proceed(const OperationKeys& keys);
  // Applies an event whose references the client has, and sends it with the resource set.
  void apply(Subscription& s, const EventPtr& event, ResourceSet set);
  // Ends an operation because the client may not read the resource.
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
