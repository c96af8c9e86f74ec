// Content coding "gzip" of HTTP (RFC 9110, 8.4.1.3). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// Whether a client that sends this Accept-Encoding header wants it: it is named, and not with a weight of zero. "*"
// alone does not count.
bool accepts_gzip(std::string_view accept_encoding);

// Compressed as quickly as zlib can. Throws std::bad_alloc.
std::string gzip(std::string_view text);

}  // namespace resflow
