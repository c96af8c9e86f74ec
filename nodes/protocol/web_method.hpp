// Methods of the HTTP API. Pure; any thread.
#pragma once

#include <cstdint>

namespace resflow {

// What a web request asks for by its method; other: what the HTTP API does not serve.
enum class WebMethod : std::uint8_t { get, post, put, remove, patch, other, count_ };

}  // namespace resflow
