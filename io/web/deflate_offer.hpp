// What is agreed on about compression in the opening handshake of a WebSocket connection: permessage-deflate (RFC 7692,
// section 7.1) without context takeover, with the largest window. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "io/web/http_head.hpp"

namespace resflow {

// The value of Sec-WebSocket-Extensions in the answer, for the first of the client's offers that can be accepted; none
// if there is no such offer.
std::optional<std::string> accept_deflate(const HttpRequestHead& head);

}  // namespace resflow
