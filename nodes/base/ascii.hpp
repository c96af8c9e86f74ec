// Functions for ASCII characters in protocol texts: letter case, comparison, hexadecimal digits. They do not depend on
// the locale. No I/O and no shared state; any thread may use them.
#pragma once

#include <algorithm>
#include <string_view>

namespace resflow {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return x == y || to_lower(x) == to_lower(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

// Returns the value of a hexadecimal digit, or -1 if `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace resflow
