#include "nodes/protocol/pattern.hpp"

#include "nodes/base/text_parts.hpp"

namespace resflow {

namespace {

// Returns true if `part` is valid as one of the dot-separated parts of a pattern. `last`: it is the last part of the
// pattern; only this one may be ">".
bool valid_part(std::string_view part, bool last) {
  if (part.empty()) return false;
  if (part == "*") return true;
  if (part == ">") return last;
  for (const char c : part) {
    if (c < 33 || c > 126 || c == '?' || c == '*' || c == '>') return false;
  }
  return true;
}

}  // namespace

bool valid_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.back() == '.') return false;
  while (!pattern.empty()) {
    const std::string_view part = take_part(pattern, '.');
    if (!valid_part(part, pattern.empty())) return false;
  }
  return true;
}

bool matches(std::string_view pattern, std::string_view name) {
  while (!pattern.empty() && !name.empty()) {
    const std::string_view part = take_part(pattern, '.');
    if (part == ">") return true;
    if (take_part(name, '.') != part && part != "*") return false;
  }
  return pattern.empty() && name.empty();
}

}  // namespace resflow
