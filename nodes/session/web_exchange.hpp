// What a session keeps while it serves a web request, or while it decides whether a WebSocket connection is opened.
// No I/O; owned by its ClientSession.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/meta.hpp"

namespace resflow {

struct WebExchange {
  WebTask task;
  MetaPtr auth_meta;  // metadata of the answer to the auth request
  // Metadata that came after auth_meta. For a get: the metadata of the latest verdict. For a call: the metadata of the
  // access answer and of the call's answer, merged.
  MetaPtr meta;
  bool authenticating = false;  // the session waits for the answer to the auth request
  bool opening = false;         // the session decides about a WebSocket handshake, and has no task
  bool done = false;            // the session has sent the response
};

}  // namespace resflow
