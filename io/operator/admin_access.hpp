// Decides who may see the admin page. AdminPages calls refuse_admin() for each request. No I/O and no shared state; any
// thread may use it.
//
// By default, only this machine may see the admin page; the configuration can allow further IP addresses. A malicious
// web page in a browser on this machine must not reach the admin page either. So these rules apply:
//
// - The Host header must be an IP address or localhost. An attacker can make any other name resolve to this machine
//   (DNS rebinding).
// - An Origin header, if there is one, must name the origin of the admin page itself.
// - A request that changes something must be a POST with an Origin header and the header X-Resflow-Admin. A browser
//   sends this header for a page of another origin only if the server permits it (CORS). This server never does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// What a request does: `look` only reads something, `act` changes something.
enum class AdminAccess : std::uint8_t { look, act };

// Returns the response that refuses a request; nullopt if the request is allowed. `access` says whether the request
// only reads or changes something. `allow` lists the IP addresses that may see the admin page, in addition to loopback
// addresses. The element "*" allows all addresses.
std::optional<WebResponse> refuse_admin(const WebRequest& request, AdminAccess access,
                                        const std::vector<std::string>& allow);

}  // namespace resflow
