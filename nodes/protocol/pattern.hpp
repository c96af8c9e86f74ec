// Resource name patterns (RES-Service protocol, "Resource name pattern"): `*` matches one part, a last `>` one or more.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

bool valid_pattern(std::string_view pattern);

// Whether a resource name matches a valid pattern.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace resflow
