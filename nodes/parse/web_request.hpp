// Reads web requests (HTTP API). Called by the parse node. No I/O and no shared state; any thread may use it.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Returns what the request asks for: to get a resource, to call a method, or only to respond. To a bad request, a
// request from a forbidden origin (CORS) or an OPTIONS request, the gateway only responds, without a request to a
// service.
WebTask read_web_request(WebRequest&& request, const WebOptions& options);

}  // namespace resflow
