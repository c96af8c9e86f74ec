// Handles the requests of one client (RES-Client protocol, "Request types"), and answers its calls when the service has
// replied.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientRequests {
 public:
  explicit ClientRequests(Client& client) : client_(client) {}

  void handle_request(Request&& r);
  // Handles a service's answer to a "Call request", "Auth request" or "New request". Answers the client with the
  // payload, or with a resource to which the client then has a direct subscription.
  void handle_call_reply(CallReply&& r);
  // Starts an operation for a subscribe or get request, or for a call that was answered with a resource id.
  void subscribe(const RequestId& id, const RidPtr& rid, Operation::Kind kind);
  void call(Request&& r);

 private:
  void set_version(const Request& r);
  bool exceeds_limits(const Subscription* known, Operation::Kind kind) const;
  void unsubscribe(const Request& r);
  void auth(Request&& r);

  Client& client_;
};

}  // namespace resflow
