// Reads web requests (HTTP API). Called by the parse node. Any thread may use it.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Decides what an HTTP API request needs: get a resource, call a method, or only a response by the gateway itself. The
// gateway itself responds to bad requests, to requests from web sites that are not allowed (CORS), and to OPTIONS
// requests.
WebTask read_web_request(WebRequest&& request, const WebOptions& options);

}  // namespace resflow
