// Origins of web pages that may use the gateway (Fetch standard, "Origin header"). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// `allowed` is "*" alone, or origins in lower case. ASCII case does not count.
bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin);

}  // namespace resflow
