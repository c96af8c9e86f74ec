// Asks the node authorize what one client may read, and asks again when a verdict may be out of date. The file
// access_state.hpp lists the states that the access to one resource can be in.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientAccess {
 public:
  explicit ClientAccess(Client& client) : client_(client) {}

  // Asks the node authorize whether the client may read the operation's resource.
  void question(Operation& op);
  // Handles a "Reaccess event": asks again whether the client may read the resource.
  void recheck(Subscription& s);
  // Handles a new token: asks again what the client may read.
  void token_set(TokenEvent&& event);
  // Ends all direct subscriptions of the client on the resource, and sends the client an "Unsubscribe event". The
  // client still holds the resource if another resource that the client holds refers to it.
  void revoke(Subscription& s, const ErrorPtr& reason);

 private:
  static bool await_verdict(Operation& op);
  void await_verdict_again(const Subscription& s);

  Client& client_;
};

}  // namespace resflow
