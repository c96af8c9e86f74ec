// The "gzip" content coding of HTTP (RFC 9110, 8.4.1.3). No I/O and no shared state; any thread may use it.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// Returns true if a client that sends this Accept-Encoding header accepts gzip: the header must contain "gzip", and its
// weight must not be zero (as in `gzip;q=0`). The wildcard "*" does not count.
bool accepts_gzip(std::string_view accept_encoding);

// Returns the text compressed in gzip format, at the fastest level of zlib. Throws std::bad_alloc if memory is short.
std::string gzip(std::string_view text);

}  // namespace resflow
