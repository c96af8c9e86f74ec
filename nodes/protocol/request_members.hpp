// Finds the members of a client's request by name (RES-Client protocol, "Client JSONRPC"). The parse node uses this to
// read requests. The code that removes secrets from captures (recorded traffic) uses it, too, so it finds every secret
// that the parse node would find. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>
#include <string_view>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow {

enum class RequestMember : std::uint8_t { id, method, params, other };

// Returns which member of a request a name stands for. The letter case does not matter, as in Resgate, which resflow
// replaces.
inline RequestMember request_member(std::string_view name) {
  if (equal_ignoring_case(name, "id")) return RequestMember::id;
  if (equal_ignoring_case(name, "method")) return RequestMember::method;
  if (equal_ignoring_case(name, "params")) return RequestMember::params;
  return RequestMember::other;
}

// Calls visit(member, cursor) for each member in the order of the text, also for repeated members. `visit` must move
// the cursor past the value. Returns false if the text is not exactly one JSON object; some members may have been
// visited before the error was found.
template <typename Visit>
bool request_members(std::string_view text, Visit&& visit) {
  json::Cursor in(text);
  in.members([&](std::string_view name) { visit(request_member(name), in); });
  return !in.failed() && in.at_end();
}

}  // namespace resflow
