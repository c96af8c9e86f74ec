// The HTTP methods for each of which the gateway counts web requests separately. No I/O and no shared state; any thread
// may use this file.
#pragma once

#include <cstdint>

namespace resflow {

// The method of a web request, for the counters. remove is DELETE; HEAD counts as get. other: a method that the HTTP
// API does not serve, or a request that is answered without regard to its method (OPTIONS, a path outside the API, a
// forbidden origin).
enum class WebMethod : std::uint8_t { get, post, put, remove, patch, other, count_ };

}  // namespace resflow
