// Serves a web request, or decides whether the gateway opens a WebSocket connection. In both cases services can set the
// status and headers of the HTTP response, by the metadata in their answers (RES-Service protocol, "Meta object"). The
// gateway may ask services three times, by an auth, an access and a call request, in this order. Metadata from a later
// answer has priority.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/protocol/web_options.hpp"
#include "nodes/session/client.hpp"

namespace resflow {

class ClientWeb {
 public:
  explicit ClientWeb(Client& client) : client_(client), web_(client.output.web()) {}

  // Serves a web request. If `auth` is set (the operator wants users to be identified by HTTP headers), first sends an
  // auth request to a service, and waits for the answer.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  // Sends an auth request to a service. Its answer decides whether the gateway opens the WebSocket connection. After
  // that, the session is like that of any other WebSocket connection.
  void decide_opening(const HeaderAuth& auth);
  // Handles a service's answer to the auth request, or to the call that the web request makes.
  void handle_call_reply(CallReply&& r);
  // Handles a verdict, which says whether the client may read the resource. If the metadata that came with it has an
  // HTTP status, sends the response and returns true: nothing else is to be done then.
  bool handle_verdict(const Verdict& v);

 private:
  void authenticate(const HeaderAuth& auth);
  void authenticated(CallReply&& r);
  void perform();
  bool meta_decides(const MetaPtr& meta, const ErrorPtr& error, const RidPtr& resource);

  Client& client_;
  std::unique_ptr<WebExchange>& web_;
};

}  // namespace resflow
