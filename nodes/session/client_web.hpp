// Serves a web request, or decides whether the gateway opens a WebSocket connection. In both cases services can decide
// the HTTP response by the metadata in their answers (RES-Service protocol, "Meta object"). Metadata comes with the
// answers to the auth, access and call requests, in this order. Later metadata has priority over earlier metadata.
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
  // is open, the client's session works like that of any other WebSocket connection.
  void decide_opening(const HeaderAuth& auth);
  // Handles a service's answer to the auth request, or to the call that the web request makes.
  void handle_call_reply(CallReply&& r);
  // Handles a verdict, which says whether the client may read the resource. Returns true if the metadata of the verdict
  // has decided the response. If the client's token changes, another verdict comes, and replaces the first.
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
