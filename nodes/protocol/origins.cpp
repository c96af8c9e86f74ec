#include "nodes/protocol/origins.hpp"

#include <algorithm>

#include "nodes/base/ascii.hpp"

namespace resflow {

bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin) {
  if (allowed.front() == "*") return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& one) { return equal_ignoring_case(one, origin); });
}

Headers cors_headers(const std::vector<std::string>& allowed, bool credentials, std::optional<std::string_view> origin,
                     bool cacheable) {
  Headers headers;
  if (credentials) headers.emplace_back("Access-Control-Allow-Credentials", "true");
  if (allowed.front() == "*") {
    headers.emplace_back("Access-Control-Allow-Origin", "*");
    return headers;
  }
  if (origin) {
    headers.emplace_back("Access-Control-Allow-Origin", origin_allowed(allowed, *origin) ? *origin : allowed.front());
  }
  if (origin || cacheable) headers.emplace_back("Vary", "Origin");
  return headers;
}

}  // namespace resflow
