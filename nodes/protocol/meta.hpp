// The meta object of a service's reply: status and headers for an HTTP response (RES-Service protocol, "Meta object").
// When a reply is decoded, all invalid parts of its meta object are left out. From then on, the Meta is immutable. No
// I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

struct Meta {
  std::optional<unsigned> status;  // 300 to 599; if set, it is the status of the HTTP response (see has_status())
  Headers headers;
  std::string complaint;  // what was wrong, if an invalid part of the meta object was left out; otherwise empty
};
using MetaPtr = std::shared_ptr<const Meta>;

// Returns true if the service has set the HTTP status. Then the gateway answers the HTTP request at once with this
// status, and sends no further requests to services for it.
inline bool has_status(const MetaPtr& meta) {
  return meta && meta->status.has_value();
}

// Returns true if a service may set this status. RES-Service protocol, "Status codes": "Behavior is only defined for
// redirection (3XX), client error (4XX), and server error (5XX)".
inline bool valid_meta_status(std::int64_t status) {
  return status >= 300 && status < 600;
}

// Returns true if services may not set this header: the gateway sets it itself, or it says how the HTTP message is
// transferred (such as Content-Length). `name` must be canonical, such as "Content-Length".
bool is_protected_header(std::string_view name);

// Adds the headers `over` to `headers`. RES-Service protocol, "Meta object": "If the header key is "Set-Cookie", the
// value will be added to any existing values, otherwise it will replace any existing value."
void merge_headers(Headers& headers, const Headers& over);

// Combines two meta objects; null means that there is none. If both have a status, the result has the status of `over`.
// merge_headers() combines the headers.
MetaPtr merge(const MetaPtr& meta, const MetaPtr& over);

}  // namespace resflow
