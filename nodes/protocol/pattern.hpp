// Resource name patterns, such as "library.book.*" (RES-Service protocol, "Resource name pattern"). The wildcard `*`
// matches one part of a name; `>` as the last part matches one or more parts. No I/O and no shared state; any thread
// may use it.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

bool valid_pattern(std::string_view pattern);

// Returns true if the resource name matches the pattern. The pattern must be valid.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace resflow
