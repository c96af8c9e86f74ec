// Who may see the admin page. Pure; any thread.
//
// To this machine alone, unless others are named. A page of somebody else's in a browser here must not get at it
// either: by a name that it has made stand for a loopback address (the Host header must be an address or localhost), or
// by asking across origins (an Origin header must be that of the page itself).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nodes/client_messages.hpp"

namespace resflow {

// The answer to a request that is refused. `allow`: addresses besides those of loopback, in any
// form, or * alone.
std::optional<WebResponse> refuse_admin(const WebRequest& request, const std::vector<std::string>& allow);

}  // namespace resflow
