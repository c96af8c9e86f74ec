// Checks and normalizes HTTP header fields (RFC 9110, section 5). No I/O and no shared state; any thread may use it.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// Returns true if the character may be part of a token, such as a header name (RFC 9110, section 5.6.2).
bool is_token_char(char c);

// Returns the canonical spelling of a header name: "sec-websocket-key" becomes "Sec-Websocket-Key". A name with
// characters that are not allowed in a token is returned unchanged. Services expect this spelling, because Resgate (the
// gateway that resflow replaces) uses it; it is the spelling of Go's textproto.CanonicalMIMEHeaderKey.
std::string canonical_header_name(std::string_view name);

// Returns true if the header can be sent: the name is a token, and the value has no control characters, because these
// could end the header line (RFC 9110, section 5.5).
bool valid_header(std::string_view name, std::string_view value);

}  // namespace resflow
