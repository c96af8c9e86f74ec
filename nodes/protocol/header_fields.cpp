#include "nodes/protocol/header_fields.hpp"

#include <algorithm>

#include "nodes/base/ascii.hpp"

namespace resflow {

bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string canonical_header_name(std::string_view name) {
  std::string out(name);
  if (!std::all_of(out.begin(), out.end(), is_token_char)) return out;
  bool first = true;
  for (char& c : out) {
    c = first ? to_upper(c) : to_lower(c);
    first = c == '-';
  }
  return out;
}

bool valid_header(std::string_view name, std::string_view value) {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         std::none_of(value.begin(), value.end(), is_control);
}

}  // namespace resflow
