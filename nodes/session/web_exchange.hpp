// What a session keeps while it serves a web request, or while it decides whether a WebSocket connection is opened.
// Pure; owned by its ClientSession.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/meta.hpp"

namespace resflow {

struct WebExchange {
  WebTask task;
  MetaPtr auth_meta;            // metadata of the answer to the auth request
  MetaPtr meta;                 // later metadata: of the latest verdict, or of the call and its verdict
  bool authenticating = false;  // the answer to the auth request is awaited
  bool opening = false;         // the session decides about opening a connection, and has no task
  bool done = false;            // the answer has been given
};

}  // namespace resflow
