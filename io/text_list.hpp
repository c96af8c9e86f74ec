// Splits and joins lists written as text, and converts text to lower case. No I/O and no shared state; any thread may
// use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// Returns the text with its ASCII letters in lower case. Other letters stay as they are.
std::string lower_case(std::string_view text);

// Splits the text at each separator. Returns the parts; there is at least one, and a part may be empty.
std::vector<std::string> split(std::string_view text, char separator);
// Joins the parts to one text, with the separator between them.
std::string join(const std::vector<std::string>& parts, char separator);

}  // namespace resflow
