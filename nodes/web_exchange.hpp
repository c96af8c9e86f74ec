// What a session keeps while it serves a web request, or decides whether a connection is opened. Pure; owned by its
// ClientSession.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/meta.hpp"

namespace resflow {

struct WebExchange {
  WebTask task;
  MetaPtr meta;                 // all that services have said about the response so far
  bool authenticating = false;  // the answer to the auth request is awaited
  bool opening = false;         // it is about opening a connection; there is no task
  bool done = false;            // the answer has been given
};

}  // namespace resflow
