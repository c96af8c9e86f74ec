// The members of a client's request (RES-Client protocol, "Client JSONRPC"), by name. Everybody who reads a request
// walks it with this function: parse, which carries it out, and the redactor of captures, which must find every secret
// that parse would find. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow {

enum class RequestMember : std::uint8_t { id, method, params, other };

// Names are taken in any case, as Resgate takes them.
inline RequestMember request_member(std::string_view name) {
  if (equal_ignoring_case(name, "id")) return RequestMember::id;
  if (equal_ignoring_case(name, "method")) return RequestMember::method;
  if (equal_ignoring_case(name, "params")) return RequestMember::params;
  return RequestMember::other;
}

// Calls visit(member, cursor) for each member in the order of the text, also for one that is there several times;
// `visit` must pass the value. False when the text is not one JSON object: what was visited then counts for nothing.
template <typename Visit>
bool request_members(std::string_view text, Visit&& visit) {
  json::Cursor in(text);
  in.members([&](std::string_view name) { visit(request_member(name), in); });
  return !in.failed() && in.at_end();
}

}  // namespace resflow
