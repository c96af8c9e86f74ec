// Asks the authorize node what one client may read, and asks again when its answer (the verdict) may be out of date.
// access_state.hpp lists the states of the client's access to one resource.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientAccess {
 public:
  explicit ClientAccess(Client& client) : client_(client) {}

  // Asks the authorize node whether the client may read the resource of `op`, an operation that prepares the answer to
  // a request of the client.
  void question(Operation& op);
  // Handles a reaccess event (access to the resource may have changed): asks again whether the client may read the
  // resource.
  void recheck(Subscription& s);
  // Handles a new token: asks again what the client may read.
  void token_set(TokenEvent&& event);
  // Ends the subscriptions that the client has asked for on this resource, and sends the client an "Unsubscribe event".
  // An indirect subscription stays: one that exists because another resource of the client refers to this one.
  void revoke(Subscription& s, const ErrorPtr& reason);

 private:
  static bool await_verdict(Operation& op);
  void await_verdict_again(const Subscription& s);

  Client& client_;
};

}  // namespace resflow
