// Web requests (HTTP API): what a method on a URL asks for, who may ask from where (CORS), and what is answered without
// asking anybody. Pure; any thread.
#pragma once

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

WebTask read_web_request(WebRequest&& request, const WebOptions& options);

}  // namespace resflow
