// Makes the responses of the HTTP API: status, headers and body. The body of a GET response is the resource, with all
// resources that it refers to, as one JSON text. Called by the encode node. Any thread may use it.
#pragma once

#include <string>
#include <string_view>

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Bounds of one response. Above a bound, the gateway sends an error instead. The bounds are needed because a resource
// appears in the body once for each reference to it, so the body could grow exponentially.
inline constexpr std::size_t kMaxWebResource = 64 << 20;   // bytes of the response body
inline constexpr std::size_t kMaxWebReferences = 250'000;  // resources and errors in the body, including repeated ones
inline constexpr std::size_t kMaxWebNesting = 1'000;       // how many resources may be nested in one another

WebResponse web_response(const WebReply& reply, const WebOptions& options);

// Appends the resource `root` as JSON. Each reference in it is replaced by the resource from `set` that it leads to.
// For a cycle (a resource that contains itself), only the URL is written. Returns false if the response exceeds one of
// the three bounds above.
bool append_web_resource(std::string& out, const ResourceSet& set, const Rid& root, const WebOptions& options);

}  // namespace resflow
