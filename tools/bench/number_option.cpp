#include "tools/bench/number_option.hpp"

#include <charconv>
#include <sstream>

namespace resflow::bench {

std::optional<double> parse_number_option(std::string_view text, double min, double max) {
  double n = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  // from_chars() also accepts NaN. Comparisons with NaN are false, so the negated comparison rejects NaN.
  if (error != std::errc() || rest != end || !(n >= min && n <= max)) return std::nullopt;
  return n;
}

std::string range_text(double min, double max) {
  std::ostringstream text;
  text.precision(12);
  text << "from " << min << " to " << max;
  return text.str();
}

}  // namespace resflow::bench
