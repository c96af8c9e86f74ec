#include "io/one_line.hpp"

#include <algorithm>
#include <cstdint>

#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

// Returns the first character of the text, or its first byte if the text does not begin with valid UTF-8. The text must
// not be empty.
std::string_view first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const std::string_view character = text.substr(0, size);
  return valid_utf8(character) ? character : text.substr(0, 1);
}

std::string hex(std::string_view mark, unsigned value, int digits) {
  std::string out(mark);
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 0xF];
  return out;
}

// Returns the escape sequence that replaces the character in a log line. Returns an empty text if the character may
// stay as it is.
std::string escape(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (lead == '\n') return "\\n";
  if (lead == '\r') return "\\r";
  if (lead == '\t') return "\\t";
  if (lead < 0x20 || lead == 0x7F) return hex("\\u", lead, 4);
  if (lead >= 0x80 && character.size() == 1) return hex("\\x", lead, 2);
  const auto last = static_cast<unsigned char>(character.back());
  if (lead == 0xC2 && last < 0xA0) return hex("\\u", last, 4);  // U+0080 to U+009F
  if (character == "\u2028" || character == "\u2029") return hex("\\u", 0x2000U + (last & 0x3F), 4);
  return {};
}

// Returns true for printable ASCII, which never needs an escape.
bool plain(char c) {
  return c >= ' ' && c <= '~';
}

// Copies the text. For each character `c` that is not printable ASCII, writes the result of `replace(c)` instead. If
// the result is empty, the character stays as it is.
template <typename Replace>
std::string replaced(std::string_view text, Replace&& replace) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), plain);
    out.append(text.begin(), end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    if (text.empty()) break;
    const std::string_view character = first_character(text);
    const std::string instead = replace(character);
    out.append(instead.empty() ? character : instead);
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::string one_line(std::string_view text) {
  return replaced(text, escape);
}

std::string well_formed(std::string_view text) {
  return replaced(text, [](std::string_view character) -> std::string {
    return character.size() == 1 && static_cast<unsigned char>(character.front()) >= 0x80 ? "\uFFFD" : "";
  });
}

}  // namespace resflow
