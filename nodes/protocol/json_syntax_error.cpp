// Describes JSON syntax errors. Implements syntax_error() of json.hpp. The messages are those of Go's JSON decoder,
// because users know them from Resgate, the gateway in Go that resflow replaces. This code runs only for texts that are
// known to be invalid, so it need not be fast.
#include <cctype>
#include <cstdio>
#include <vector>

#include "nodes/protocol/json.hpp"

namespace resflow::json {

namespace {

struct SyntaxError {
  std::string message;
};

// Parses a text in the same order as Go's JSON decoder, so that it finds the same first error. Throws this error as a
// SyntaxError.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : text_(text) {}

  void run() {
    value();
    space();
    if (i_ < text_.size()) bad("after top-level value");
  }

 private:
  // Throws the error for the character at the current position. `context` says what was expected there.
  [[noreturn]] void bad(const std::string& context) {
    if (i_ >= text_.size()) throw SyntaxError{"unexpected end of JSON input"};
    throw SyntaxError{"invalid character " + quoted(text_[i_]) + " " + context};
  }

  // Returns a character in quotes, as Go prints it.
  static std::string quoted(char c) {
    if (c == '\'') return "'\\''";
    if (c == '"') return "'\"'";
    if (c == '\\') return "'\\\\'";
    constexpr std::string_view controls = "\a\b\f\n\r\t\v";
    constexpr std::string_view letters = "abfnrtv";
    if (const std::size_t i = controls.find(c); i != std::string_view::npos)
      return std::string("'\\") + letters[i] + "'";
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u < 0x7f) return std::string("'") + c + "'";
    // Go treats the byte as a Latin-1 character. Latin-1 characters from 0xa1 on are printable, except the soft hyphen
    // (0xad).
    if (u > 0xa0 && u != 0xad) {
      return {'\'', static_cast<char>(0xc0 | (u >> 6)), static_cast<char>(0x80 | (u & 0x3f)), '\''};
    }
    char hex[12];
    std::snprintf(hex, sizeof hex, u < 0x80 ? "'\\x%02x'" : "'\\u%04x'", static_cast<unsigned>(u));
    return hex;
  }

  void space() {
    while (i_ < text_.size() && std::string_view(" \n\r\t").find(text_[i_]) != std::string_view::npos) ++i_;
  }
  bool at(char c) const { return i_ < text_.size() && text_[i_] == c; }
  bool digit() const { return i_ < text_.size() && text_[i_] >= '0' && text_[i_] <= '9'; }

  void value() {
    std::vector<char> open;
    do {
      space();
      if (open.empty() || !closes(open)) begin_value(open);
      while (!open.empty() && ended_) next_member(open);
    } while (!open.empty());
  }

  // If the innermost container (object or array) is empty and ends here, closes it and returns true. Otherwise returns
  // false.
  bool closes(std::vector<char>& open) {
    if (!just_opened_ || !at(open.back() == '{' ? '}' : ']')) return false;
    just_opened_ = false;
    ++i_;
    open.pop_back();
    ended_ = true;
    return true;
  }

  // Reads a scalar value, or opens a container (object or array). In an object, first reads the key of the value.
  void begin_value(std::vector<char>& open) {
    if (!open.empty() && open.back() == '{') {
      if (!at('"')) bad("looking for beginning of object key string");
      string();
      space();
      if (!at(':')) bad("after object key");
      ++i_;
      space();
    }
    if (at('{') || at('[')) {
      if (open.size() == kMaxDepth) throw SyntaxError{"exceeded max depth"};
      open.push_back(text_[i_++]);
      just_opened_ = true;
      ended_ = false;
      return;
    }
    scalar();
    just_opened_ = false;
    ended_ = true;
  }

  // Called after a value. Reads the comma before the next value, or closes the innermost container (object or array).
  void next_member(std::vector<char>& open) {
    space();
    const bool object = open.back() == '{';
    if (at(',')) {
      ++i_;
      just_opened_ = false;
      ended_ = false;
    } else if (at(object ? '}' : ']')) {
      ++i_;
      open.pop_back();
    } else {
      bad(object ? "after object key:value pair" : "after array element");
    }
  }

  void scalar() {
    if (at('"')) return string();
    if (at('t')) return literal("true");
    if (at('f')) return literal("false");
    if (at('n')) return literal("null");
    if (at('-') || digit()) return number();
    bad("looking for beginning of value");
  }

  void literal(std::string_view word) {
    for (const char c : word) {
      if (!at(c)) bad("in literal " + std::string(word) + " (expecting '" + c + "')");
      ++i_;
    }
  }

  void string() {
    ++i_;
    while (!at('"')) {
      if (i_ >= text_.size() || static_cast<unsigned char>(text_[i_]) < 0x20) bad("in string literal");
      if (text_[i_++] != '\\') continue;
      if (i_ >= text_.size() || std::string_view("\"\\/bfnrtu").find(text_[i_]) == std::string_view::npos) {
        bad("in string escape code");
      }
      if (text_[i_++] != 'u') continue;
      for (int k = 0; k < 4; ++k, ++i_) {
        if (i_ >= text_.size() || !std::isxdigit(static_cast<unsigned char>(text_[i_]))) {
          bad("in \\u hexadecimal character escape");
        }
      }
    }
    ++i_;
  }

  void digits(const char* context) {
    if (!digit()) bad(context);
    while (digit()) ++i_;
  }

  void number() {
    if (at('-')) ++i_;
    if (at('0')) {
      ++i_;
    } else {
      digits("in numeric literal");
    }
    if (at('.')) {
      ++i_;
      digits("after decimal point in numeric literal");
    }
    if (at('e') || at('E')) {
      ++i_;
      if (at('+') || at('-')) ++i_;
      digits("in exponent of numeric literal");
    }
  }

  std::string_view text_;
  std::size_t i_ = 0;         // the current position
  bool just_opened_ = false;  // the innermost object or array has no element so far
  // True after a value: in an object or array, a comma or the end of it comes next. Not used before the first value.
  bool ended_ = true;
};

}  // namespace

std::string syntax_error(std::string_view text) {
  try {
    Diagnosis(text).run();
  } catch (const SyntaxError& e) {
    return e.message;
  }
  return "invalid JSON string";
}

}  // namespace resflow::json
