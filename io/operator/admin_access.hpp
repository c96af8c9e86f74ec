// Who may see the admin page. Pure; any thread.
//
// To this machine alone, unless others are named. A page of somebody else's in a browser here must not get at it
// either: by a name that it has made stand for a loopback address (the Host header must be an address or localhost), or
// by asking across origins (an Origin header must be that of the page itself). What changes something asks for more: a
// POST with the page's Origin and with X-Resflow-Admin, which a browser lets no page of another origin send unasked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

enum class AdminAccess : std::uint8_t { look, act };

// The answer to a request that is refused. `access`: what there is at its path. `allow`: addresses besides those of
// loopback, in any form, or * alone.
std::optional<WebResponse> refuse_admin(const WebRequest& request, AdminAccess access,
                                        const std::vector<std::string>& allow);

}  // namespace resflow
