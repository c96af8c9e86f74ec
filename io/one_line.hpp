// Text of others in the log and in messages: made safe, so that nobody can end a line, start one that the gateway never
// wrote, or speak to the terminal. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// The text with control characters (also those above ASCII), line separators, and bytes that are no UTF-8 as escapes:
// \n, \r, \t, \u001b, \xff. Backslashes stay as they are, since JSON in the log is full of them.
std::string one_line(std::string_view text);

// The text with each byte that is no UTF-8 replaced (U+FFFD), as JSON wants it.
std::string well_formed(std::string_view text);

}  // namespace resflow
