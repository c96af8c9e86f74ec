// Reads web requests (HTTP API). Called by the node parse. No I/O and no shared state; any thread may use it.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Returns what the request asks for: to get a resource, to call a method, or to respond at once. The gateway responds
// at once, without a service, to a bad request, to a request from a forbidden origin (CORS), and to an OPTIONS request.
WebTask read_web_request(WebRequest&& request, const WebOptions& options);

}  // namespace resflow
