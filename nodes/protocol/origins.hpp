// Origins of web pages that may use the gateway, and what browsers are told of that (Fetch standard, "HTTP-network or
// cache fetch" and "CORS protocol"). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/client_info.hpp"

namespace resflow {

// `allowed` is "*" alone, or origins in lower case. ASCII case does not count. "null", the origin of files, sandboxes
// and redirects, is one like any other: it must be listed.
bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin);

// The CORS headers of an answer to a request with that origin, if it had one. "*" is never answered with the origin
// itself: with credentials, that would let any page read what a user may. `cacheable`: a cache may keep the answer for
// requests of others, so it must know that the origin counts, even if this request had none.
Headers cors_headers(const std::vector<std::string>& allowed, bool credentials, std::optional<std::string_view> origin,
                     bool cacheable);

}  // namespace resflow
