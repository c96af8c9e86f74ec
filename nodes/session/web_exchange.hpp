// What a session keeps while it serves a web request, or decides whether a connection is opened. Pure; owned by its
// ClientSession.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/meta.hpp"

namespace resflow {

struct WebExchange {
  WebTask task;
  MetaPtr auth_meta;            // what the auth request said about the response,
  MetaPtr meta;                 // and what came behind it: the latest verdict, or the call with its access
  bool authenticating = false;  // the answer to the auth request is awaited
  bool opening = false;         // it is about opening a connection; there is no task
  bool done = false;            // the answer has been given
};

}  // namespace resflow
