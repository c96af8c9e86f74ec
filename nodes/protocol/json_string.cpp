// Decodes JSON strings (RFC 8259, section 7). Implements unescape() and decode_string() of json.hpp.
#include <cstring>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow::json {

namespace {

// Returns the UTF-16 code unit that four hexadecimal digits stand for.
unsigned read_unit(const char* digits) {
  unsigned unit = 0;
  for (int i = 0; i < 4; ++i) unit = unit * 16 + static_cast<unsigned>(hex_value(digits[i]));
  return unit;
}

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

void append_utf8(std::string& out, unsigned point) {
  const auto byte = [&](unsigned bits) { out += static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { byte(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12));
    tail(6);
  } else {
    byte(0xF0 | (point >> 18));
    tail(12);
    tail(6);
  }
  tail(0);
}

// Decodes "\uXXXX"; `p` is at the first digit. If this is the first half of a surrogate pair, and the second half
// follows, decodes both. Returns the position after the decoded text.
const char* append_escaped_unit(std::string& out, const char* p, const char* end) {
  constexpr unsigned replacement = 0xFFFD;
  const unsigned unit = read_unit(p);
  p += 4;
  if (!is_high_surrogate(unit)) {
    append_utf8(out, is_low_surrogate(unit) ? replacement : unit);
    return p;
  }
  const bool escaped_unit_follows = end - p >= 6 && p[0] == '\\' && p[1] == 'u';
  const unsigned next = escaped_unit_follows ? read_unit(p + 2) : 0;
  if (!is_low_surrogate(next)) {
    append_utf8(out, replacement);
    return p;
  }
  append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
  return p + 6;
}

// Returns the character that a backslash followed by `c` stands for.
char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;  // a quote, a slash or a backslash stands for itself
  }
}

}  // namespace

std::string unescape(std::string_view inner) {
  std::string out;
  out.reserve(inner.size());
  const char* p = inner.data();
  const char* const end = p + inner.size();
  while (const void* const found = std::memchr(p, '\\', static_cast<std::size_t>(end - p))) {
    const char* const escape = static_cast<const char*>(found);
    out.append(p, escape);
    p = escape + 2;
    if (escape[1] == 'u') {
      p = append_escaped_unit(out, p, end);
    } else {
      out += unescaped(escape[1]);
    }
  }
  return out.append(p, end);
}

std::optional<std::string> decode_string(std::string_view text) {
  Cursor in(text);
  std::string scratch;
  const std::string_view content = in.string(scratch);
  if (in.failed() || !in.at_end()) return std::nullopt;
  return std::string(content);
}

}  // namespace resflow::json
