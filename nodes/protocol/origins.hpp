// Decides which web pages may use the gateway, by the page's origin (scheme, host and port). Makes the CORS headers
// that tell browsers the decision (Fetch standard, "HTTP-network or cache fetch" and "CORS protocol"). No I/O and no
// shared state; any thread may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/client_info.hpp"

namespace resflow {

// Returns true if the origin is allowed. `allowed` is "*" alone, or a list of origins. The letter case of ASCII
// characters is ignored. Browsers send "null" as the origin of files and sandboxed pages. It is treated like any other
// origin: it must be in the list.
bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin);

// Returns the CORS headers of a response. `origin` is the Origin header of the request, if it had one.
//
// If all origins are allowed, Access-Control-Allow-Origin is "*". It must not be the request's origin in this case: if
// credentials are allowed, too, a browser would let every web page read the user's data.
//
// If a list of origins is allowed, Access-Control-Allow-Origin is the request's origin if the list contains it.
// Otherwise it is the first origin of the list, as in Resgate, which resflow replaces. The response also has "Vary:
// Origin" if the request had an origin, or if `cacheable` is true (caches may store the response). This header tells
// caches not to use the response for requests with other origins.
Headers cors_headers(const std::vector<std::string>& allowed, bool credentials, std::optional<std::string_view> origin,
                     bool cacheable);

}  // namespace resflow
