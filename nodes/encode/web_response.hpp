// Answers to web requests (HTTP API): which status, and the resource with all that it refers to as one JSON text.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Bounds of one answer. References that lead to the same resource by many ways write it as many times, and that can
// grow without measure.
inline constexpr std::size_t kMaxWebResource = 64 << 20;   // bytes
inline constexpr std::size_t kMaxWebReferences = 250'000;  // resources and errors, each time that one is written
inline constexpr std::size_t kMaxWebNesting = 1'000;       // references that lead into each other

WebResponse web_response(const WebReply& reply, const WebOptions& options);

// Appends the resource, nested; a resource within itself is only named. False when a bound is exceeded.
bool append_web_resource(std::string& out, const ResourceSet& set, const Rid& root, const WebOptions& options);

}  // namespace resflow
