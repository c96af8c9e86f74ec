// The HTTP methods by which web requests are counted. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>

namespace resflow {

// The method of a web request. HEAD counts as get. other: the HTTP API does not serve the method, or the request is
// answered before its method matters (OPTIONS, a path outside the API, a forbidden origin).
enum class WebMethod : std::uint8_t { get, post, put, remove, patch, other, count_ };

}  // namespace resflow
