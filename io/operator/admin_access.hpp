// Decides who may see the admin page. AdminPages calls refuse_admin() for each request. No I/O and no shared state; any
// thread may use it.
//
// Only this machine may see the admin page, unless the configuration allows other addresses. A foreign web page in a
// browser on this machine must not get at the admin page either. A foreign page could have a host name that resolves to
// a loopback address (DNS rebinding). So the Host header must be an IP address or localhost. A foreign page could also
// send requests to another origin. So an Origin header, if there is one, must name the origin of the admin page itself.
// A request that changes something must meet more conditions: it must be a POST with the page's Origin and with the
// header X-Resflow-Admin. A browser sends that header for a page of another origin only if the server permits it, and
// this server never does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// What a request for a path does: `look` only reads, `act` changes something.
enum class AdminAccess : std::uint8_t { look, act };

// Returns the response that refuses a request; nullopt if the request is allowed. `access` says whether a request for
// this path only reads or changes something. `allow` lists the IP addresses that may see the admin page besides
// loopback addresses. If its only element is *, all addresses may.
std::optional<WebResponse> refuse_admin(const WebRequest& request, AdminAccess access,
                                        const std::vector<std::string>& allow);

}  // namespace resflow
