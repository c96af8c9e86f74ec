// What a service says about the HTTP response (RES-Service protocol, "Meta object"). Immutable once decoded, and sound:
// a status that has a meaning, headers that can be sent and that are the service's to set. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

struct Meta {
  std::optional<unsigned> status;  // 300 to 599: the response, at once
  Headers headers;
  std::string complaint;  // what was left out because it cannot be used; empty when nothing was
};
using MetaPtr = std::shared_ptr<const Meta>;

inline bool decides(const MetaPtr& meta) {
  return meta && meta->status.has_value();
}

// "Status codes": "Behavior is only defined for redirection (3XX), client error (4XX), and server error (5XX)".
inline bool valid_meta_status(std::int64_t status) {
  return status >= 300 && status < 600;
}

// Whether a service must leave the header alone: it belongs to the gateway, or to the framing of the message.
bool is_protected_header(std::string_view name);

// `headers` with those of `over`: "If the header key is "Set-Cookie", the value will be added to any existing values,
// otherwise it will replace any existing value."
void merge_headers(Headers& headers, const Headers& over);

// Both, where `over` has the higher priority; either may be null.
MetaPtr merge(const MetaPtr& meta, const MetaPtr& over);

}  // namespace resflow
