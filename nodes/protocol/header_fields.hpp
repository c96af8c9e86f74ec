// Header fields of HTTP (RFC 9110, section 5). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// RFC 9110, section 5.6.2.
bool is_token_char(char c);

// The common spelling of a header name: "sec-websocket-key" becomes "Sec-Websocket-Key". A name with characters that
// are not of a token stays as it is. (Go's textproto.CanonicalMIMEHeaderKey; services know headers by these names.)
std::string canonical_header_name(std::string_view name);

// Whether name and value can be sent: a token, and no control characters, which could end the line (section 5.5).
bool valid_header(std::string_view name, std::string_view value);

}  // namespace resflow
