// A session of one web request, or of a WebSocket connection that waits to be opened. Such a session does one thing
// only, and services can decide about its HTTP response (RES-Service protocol, "Meta object"). Later metadata has
// priority over earlier metadata; the order is auth, access, call.
//
// Pure; a part of the client's session (client.hpp).
#pragma once

#include "nodes/protocol/web_options.hpp"
#include "nodes/session/client.hpp"

namespace resflow {

class ClientWeb {
 public:
  explicit ClientWeb(Client& client) : client_(client), web_(client.output.web()) {}

  // Serves a web request. With `auth`, a service is asked first.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  // Decides whether a WebSocket connection is opened. The session is an ordinary one when it is.
  void decide_opening(const HeaderAuth& auth);
  // Takes the answer to the auth request, or to the call.
  void handle_call_reply(CallReply&& r);
  // Takes a verdict. Returns true if its metadata has decided the response. After a change of token another verdict may
  // come; the latest one counts.
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
