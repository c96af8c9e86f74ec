// What an operator decides about the HTTP API and about web pages of other origins. Set at start, read by many; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nodes/protocol/rid.hpp"

namespace resflow {

// How resources are written in answers: with the references' hrefs around them, or just nested.
enum class ApiEncoding : std::uint8_t { json, jsonflat };

// A method that is called with an auth request before a connection may go on.
struct HeaderAuth {
  RidPtr rid;
  std::string method;
};

struct WebOptions {
  std::string api_path = "/api/";  // ends with a slash; nothing gets there unless it begins with one
  ApiEncoding encoding = ApiEncoding::json;
  std::optional<HeaderAuth> header_auth;     // of web requests
  std::optional<HeaderAuth> ws_header_auth;  // of WebSocket connections
  // Call methods that HTTP methods are mapped to; without one the answer is 405.
  std::optional<std::string> put_method;
  std::optional<std::string> delete_method;
  std::optional<std::string> patch_method;
  std::vector<std::string> allow_origins{"*"};  // lower case, sorted; or "*" alone
};

}  // namespace resflow
