#include "nodes/protocol/json.hpp"

#include <array>
#include <bit>
#include <boost/json/serialize.hpp>
#include <cstring>

namespace resflow::json {

namespace {

// The stack of the objects and arrays that have begun and not yet ended. Each takes one bit: 1 for an object, 0 for an
// array.
class Nesting {
 public:
  bool push(bool object) {
    if (depth_ == kMaxDepth) return false;
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    if (object) {
      bits_[depth_ / 64] |= bit;
    } else {
      bits_[depth_ / 64] &= ~bit;
    }
    ++depth_;
    return true;
  }
  void pop() { --depth_; }
  bool empty() const { return depth_ == 0; }
  bool in_object() const { return (bits_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1; }

 private:
  std::size_t depth_ = 0;
  std::array<std::uint64_t, kMaxDepth / 64 + 1> bits_;  // not initialized; only bits below depth_ are ever read
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Returns true for a byte that stands for itself in a JSON string.
bool plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// Looks for the first byte that is not plain(), among the eight bytes at `p`. Returns how many bytes come before it, or
// 8 if all are plain. It tests the eight bytes at once: it loads them into one 64-bit word, and sets the top bit of
// each byte that is not plain. below(bytes, n) sets the top bit of each byte that is less than n. To find quotes, the
// word is XORed with a word of eight quotes, which turns each quote into 0; then below() with n = 1 finds the zeros.
// Backslashes are found in the same way. Plain bytes may be marked, too, but only after the first byte that is not
// plain, so the result is right.
std::size_t plain_prefix(const char* p) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  const auto below = [](std::uint64_t bytes, std::uint64_t n) { return (bytes - ones * n) & ~bytes; };
  const std::uint64_t found = below(word, 0x20) | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
  return static_cast<std::size_t>(std::countr_zero(found & (ones * 0x80))) / 8;
}

// Returns the position of the first byte for which plain() is false, or `end` if there is no such byte.
const char* pass_plain(const char* p, const char* end) {
  while (end - p >= 8) {
    const std::size_t count = plain_prefix(p);
    p += count;
    if (count < 8) return p;
  }
  while (p != end && plain(*p)) ++p;
  return p;
}

}  // namespace

Kind kind_of(std::string_view value) {
  return Cursor(value).kind();
}

bool Cursor::at_end() {
  skip_space();
  return p_ == end_;
}

std::string_view Cursor::value() {
  skip_space();
  const char* const start = p_;
  if (failed_ || !pass_value()) {
    failed_ = true;
    return {};
  }
  return {start, static_cast<std::size_t>(p_ - start)};
}

std::string_view Cursor::unescape_into(std::string& scratch, std::string_view inner) {
  scratch = unescape(inner);
  return scratch;
}

// Moves past one value. Returns false on a syntax error. Does not use recursion, so a deeply nested text of a client
// cannot overflow the stack.
bool Cursor::pass_value() {
  skip_space();
  if (p_ == end_) return false;
  if (*p_ != '{' && *p_ != '[') return pass_scalar();
  Nesting open;
  // true: an element must come next; right after "{" or "[", the end of the object or array may come instead.
  // false: an element has just ended, so a comma or the end of its object or array must come next.
  bool element = true;
  bool first = true;  // the innermost container has no element so far
  do {
    skip_space();
    if (p_ == end_) return false;
    const char c = *p_;
    if (!element) {
      const bool object = open.in_object();
      if (c == ',') {
        ++p_;
        element = true;
        first = false;
        continue;
      }
      if (c != (object ? '}' : ']')) return false;
      ++p_;
      open.pop();
      continue;
    }
    if (!open.empty()) {
      const bool object = open.in_object();
      if (first && c == (object ? '}' : ']')) {
        ++p_;
        open.pop();
        element = false;
        continue;
      }
      if (object) {
        if (!pass_string() || !take(':')) return false;
        skip_space();
        if (p_ == end_) return false;
      }
    }
    if (*p_ == '{' || *p_ == '[') {
      if (!open.push(*p_ == '{')) return false;
      ++p_;
      first = true;
    } else {
      if (!pass_scalar()) return false;
      element = false;
    }
  } while (!open.empty());
  return true;
}

bool Cursor::pass_scalar() {
  switch (*p_) {
    case '"':
      return pass_string();
    case 't':
      return pass_literal("true");
    case 'f':
      return pass_literal("false");
    case 'n':
      return pass_literal("null");
    default:
      return pass_number();
  }
}

bool Cursor::pass_literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - p_) < word.size() || std::string_view(p_, word.size()) != word) return false;
  p_ += word.size();
  return true;
}

bool Cursor::pass_string() {
  if (p_ == end_ || *p_ != '"') return false;
  ++p_;
  escaped_ = false;
  for (;;) {
    p_ = pass_plain(p_, end_);
    if (p_ == end_) return false;
    if (*p_ == '"') {
      ++p_;
      return true;
    }
    if (*p_ != '\\' || ++p_ == end_) return false;
    escaped_ = true;
    if (*p_ == 'u') {
      if (end_ - p_ < 5) return false;
      for (int i = 1; i <= 4; ++i) {
        if (!is_hex(p_[i])) return false;
      }
      p_ += 5;
    } else if (std::string_view("\"\\/bfnrt").find(*p_) != std::string_view::npos) {
      ++p_;
    } else {
      return false;
    }
  }
}

bool Cursor::pass_number() {
  const auto digits = [this] {
    const char* const start = p_;
    while (p_ != end_ && is_digit(*p_)) ++p_;
    return p_ != start;
  };
  if (p_ != end_ && *p_ == '-') ++p_;
  if (p_ == end_) return false;
  if (*p_ == '0') {
    ++p_;
  } else if (!digits()) {
    return false;
  }
  if (p_ != end_ && *p_ == '.') {
    ++p_;
    if (!digits()) return false;
  }
  if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
    ++p_;
    if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
    if (!digits()) return false;
  }
  return true;
}

bool valid(std::string_view text) {
  Cursor c(text);
  c.value();
  return !c.failed() && c.at_end();
}

void append_string(std::string& out, std::string_view s) {
  const char* const end = s.data() + s.size();
  if (pass_plain(s.data(), end) != end) {
    out += boost::json::serialize(boost::json::string_view(s.data(), s.size()));
    return;
  }
  out += '"';
  out += s;
  out += '"';
}

std::string quote(std::string_view s) {
  std::string out;
  out.reserve(s.size() + 2);
  append_string(out, s);
  return out;
}

}  // namespace resflow::json
