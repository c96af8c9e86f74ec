// Numbers on the command lines of the tools. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace resflow::bench {

// The number that the text is; nullopt when it is none, or is not in the range.
std::optional<double> parse_number_option(std::string_view text, double min, double max);

// "from 0.01 to 3600", for who tells of the range.
std::string range_text(double min, double max);

}  // namespace resflow::bench
