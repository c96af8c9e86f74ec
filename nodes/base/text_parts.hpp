// Functions that split protocol texts without copying them. No I/O and no shared state; any thread may use them.
#pragma once

#include <string_view>

namespace resflow {

// Returns the text without the blanks at its start and end. By default, blanks are spaces and tabs, which HTTP calls
// white space (RFC 9110, section 5.6.3).
constexpr std::string_view trim(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Splits `text` at the first separator. Returns the part before the separator, and leaves the part after it in `text`.
// If there is no separator, returns all of `text` and leaves it empty.
constexpr std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

}  // namespace resflow
