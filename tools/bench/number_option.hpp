// Parses numbers on the command lines of resflow-bench and resflow-replay. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace resflow::bench {

// Returns the number in the text, or nullopt if the text is not a number or the number is out of range.
std::optional<double> parse_number_option(std::string_view text, double min, double max);

// Returns a range as error messages show it: "from 0.01 to 3600".
std::string range_text(double min, double max);

}  // namespace resflow::bench
