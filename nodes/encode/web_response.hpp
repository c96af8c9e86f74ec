// Makes HTTP responses for web requests (HTTP API): status, headers and body. The body of a GET response is the
// resource with all resources that it refers to, as one JSON text. Called by the encode node. No I/O and no shared
// state; any thread may use it.
#pragma once

#include <string>
#include <string_view>

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Bounds of one response. A resource is written once for each path of references that leads to it. The number of paths
// can grow exponentially, so a response needs these bounds. If a response would exceed a bound, the gateway sends an
// error instead.
inline constexpr std::size_t kMaxWebResource = 64 << 20;   // bytes of the response body
inline constexpr std::size_t kMaxWebReferences = 250'000;  // resources and errors, including repeated ones
inline constexpr std::size_t kMaxWebNesting = 1'000;       // levels of resources within resources

WebResponse web_response(const WebReply& reply, const WebOptions& options);

// Appends the resource `root` as JSON, with the resources of `set` nested in it where it refers to them. If a reference
// leads to a resource that encloses the reference, only the URL is written. Returns false if a bound is exceeded.
bool append_web_resource(std::string& out, const ResourceSet& set, const Rid& root, const WebOptions& options);

}  // namespace resflow
