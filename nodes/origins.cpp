#include "nodes/origins.hpp"

#include <algorithm>

#include "nodes/ascii.hpp"

namespace resflow {

// "null" is the origin of files, sandboxes and redirects; like a request without any, it is not kept out.
bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin) {
  if (allowed.front() == "*" || origin == "null") return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& one) { return equal_ignoring_case(one, origin); });
}

}  // namespace resflow
