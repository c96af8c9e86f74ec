// What a session keeps while it serves a web request, or while it decides whether a WebSocket connection is opened.
// No I/O; owned by its ClientSession.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/meta.hpp"

namespace resflow {

struct WebExchange {
  WebTask task;
  MetaPtr auth_meta;  // HTTP status and headers that came with the answer to the auth request
  // HTTP status and headers that came from services after auth_meta. For a GET: with the answer to the access request.
  // For a call: with the answers to the access request and to the call, merged.
  MetaPtr meta;
  bool authenticating = false;  // the session waits for the answer to the auth request
  bool opening = false;         // a WebSocket handshake waits for the session's decision; `task` is empty
  bool done = false;            // the session has sent the response
};

}  // namespace resflow
