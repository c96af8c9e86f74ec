// Makes texts from clients and services safe to write into log lines and messages. If the gateway wrote such a text
// unchanged, the text could end a log line, imitate a log line of the gateway, or send control sequences to a terminal.
// No I/O and no shared state; any thread may use it.
#pragma once

#include <string>
#include <string_view>

namespace resflow {

// Returns the text with escapes in place of control characters (also U+0080 to U+009F), line separators, and bytes that
// are not UTF-8. An escape looks like \n, \r, \t, \u001b or \xff. Backslashes stay as they are, so that JSON in the log
// stays readable.
std::string one_line(std::string_view text);

// Returns the text with each byte that is not UTF-8 replaced by U+FFFD, since JSON must be UTF-8.
std::string well_formed(std::string_view text);

}  // namespace resflow
