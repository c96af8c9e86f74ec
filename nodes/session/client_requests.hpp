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
  // Passes a service's answer to a call, auth or "new" (create) request on to the client. If the service answers with a
  // resource instead of a value, also subscribes the client to that resource.
  void handle_call_reply(CallReply&& r);
  // Begins to load a resource for the client, to answer a subscribe or get request, or a call whose result is a
  // resource.
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
