// Negotiates compression in the opening handshake of a WebSocket connection: permessage-deflate (RFC 7692, section
// 7.1), without context takeover (zlib starts anew with each message) and with the largest window (32 KiB). No I/O; any
// thread may use it.
#pragma once

#include <optional>
#include <string>

#include "io/web/http_head.hpp"

namespace resflow {

// Returns the value of Sec-WebSocket-Extensions for the answer to a handshake. The value accepts the first of the
// client's offers that this server can accept. Returns nullopt if the server can accept none.
std::optional<std::string> accept_deflate(const HttpRequestHead& head);

}  // namespace resflow
