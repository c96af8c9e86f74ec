// Checks and repairs UTF-8 texts. No I/O and no shared state; any thread may use it.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// Returns true if the text is well-formed UTF-8 (RFC 3629): no surrogates, no overlong forms, no code points above
// U+10FFFF, and no incomplete sequence at the end. The empty string is valid.
bool valid_utf8(std::string_view text);

// Returns the text with each byte that is not part of a valid sequence replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace resflow
