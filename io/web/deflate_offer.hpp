// Negotiates compression in the opening handshake of a WebSocket connection: permessage-deflate (RFC 7692, section
// 7.1), without context takeover (zlib starts anew with each message) and with the largest window (32 KiB). No I/O; any
// thread may use it.
#pragma once

#include <optional>
#include <string>

#include "io/web/http_head.hpp"

namespace resflow {

// Chooses the first of the client's compression offers that this server can accept. Returns the value of the header
// Sec-WebSocket-Extensions for the answer; nullopt if the server can accept no offer.
std::optional<std::string> accept_deflate(const HttpRequestHead& head);

}  // namespace resflow
