// Functions that split protocol texts without copying them. No I/O and no shared state; any thread may use it.
#pragma once

#include <string_view>

namespace resflow {

// Returns the text without the blanks at both ends. The default blanks are the white space of HTTP (RFC 9110, section
// 5.6.3).
constexpr std::string_view trim(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Returns the part of `text` before the first separator, or all of it if there is no separator. Removes the part and
// the separator from `text`.
constexpr std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

}  // namespace resflow
