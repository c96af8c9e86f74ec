// UTF-8 validation and repair. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// True if `text` is well-formed UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF, no
// sequence cut off at the end. The empty string is valid.
bool valid_utf8(std::string_view text);

// The text, with U+FFFD in place of each byte that makes it malformed.
std::string to_valid_utf8(std::string_view text);

}  // namespace resflow
