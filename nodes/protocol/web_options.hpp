// The settings for web clients: the HTTP API, authentication by HTTP headers, and which origins are allowed. They are
// set at the start of the program and only read afterwards, on any thread. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nodes/protocol/rid.hpp"

namespace resflow {

// What the response to a web request contains in place of a reference to another resource. json: an object with the URL
// and the content of that resource. jsonflat: only the content.
enum class ApiEncoding : std::uint8_t { json, jsonflat };

// Header authentication: before the gateway serves a web request or opens a WebSocket connection, it sends a service an
// auth request with this method. The service can then log the client in by its HTTP headers.
struct HeaderAuth {
  RidPtr rid;
  std::string method;
};

struct WebOptions {
  std::string api_path = "/api/";  // ends with a slash; the path of each HTTP API request begins with this
  ApiEncoding encoding = ApiEncoding::json;
  std::optional<HeaderAuth> header_auth;     // for web requests
  std::optional<HeaderAuth> ws_header_auth;  // for WebSocket connections
  // The resource methods that PUT, DELETE and PATCH requests call. A request whose method is not set here gets status
  // 405.
  std::optional<std::string> put_method;
  std::optional<std::string> delete_method;
  std::optional<std::string> patch_method;
  std::vector<std::string> allow_origins{"*"};  // "*" alone, or origins in lower case, sorted
};

}  // namespace resflow
