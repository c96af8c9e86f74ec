// Serves a web request, or decides whether a WebSocket connection is opened. The session of such a client does one
// thing only, and services can decide what its HTTP response is (RES-Service protocol, "Meta object"). Metadata comes
// with the answers to the auth, access and call requests, in this order. Later metadata has priority over earlier
// metadata.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/protocol/web_options.hpp"
#include "nodes/session/client.hpp"

namespace resflow {

class ClientWeb {
 public:
  explicit ClientWeb(Client& client) : client_(client), web_(client.output.web()) {}

  // Serves a web request. If `auth` is set, first sends an auth request to a service, and waits for the answer.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  // Sends an auth request, whose answer decides whether the gateway opens the WebSocket connection. When the connection
  // is open, the session goes on like that of any other WebSocket connection.
  void decide_opening(const HeaderAuth& auth);
  // Handles the answer to the auth request, or to the call.
  void handle_call_reply(CallReply&& r);
  // Handles a verdict, which says whether the client may read the resource. Returns true if the metadata of the verdict
  // has decided the response. After a change of token another verdict may come; the latest one counts.
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
