// Reads JSON text in place, without building a tree of values. The gateway passes most values on, byte for byte, so
// this code mostly needs to find where a value ends, not what it contains. To write strings that need escapes, the
// gateway uses Boost.JSON. The tests compare this reader with Boost.JSON.
//
// No I/O and no shared state; any thread may use it. Grammar: RFC 8259; a text with more than kMaxDepth levels of
// objects and arrays counts as invalid. No function reads past the text that it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resflow::json {

inline constexpr std::size_t kMaxDepth = 10'000;

enum class Kind : std::uint8_t { null, boolean, number, string, array, object, invalid };

// A reading position in a JSON text. After the first syntax error failed() is true, and every later call fails as well.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : p_(text.data()), end_(p_ + text.size()) {}

  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

  // Skips white space and returns the kind of the value that starts there. It looks only at the first character, so the
  // value may still be malformed. Does not move past the value.
  Kind kind() {
    skip_space();
    return failed_ || p_ == end_ ? Kind::invalid : kind_at(*p_);
  }

  // Moves past one value, checks its syntax and returns its text, without white space around it. Returns an empty text
  // on a syntax error.
  std::string_view value();

  // Moves past a string and returns its decoded content (decode_string). The result is a view of the text itself if the
  // string has no escapes, otherwise a view of `scratch`.
  std::string_view string(std::string& scratch) {
    skip_space();
    const char* const start = p_;
    if (failed_ || !pass_string()) {
      failed_ = true;
      return {};
    }
    const std::string_view inner(start + 1, static_cast<std::size_t>(p_ - start) - 2);
    return escaped_ ? unescape_into(scratch, inner) : inner;
  }

  // Returns true if only white space is left.
  bool at_end();

  // Calls f(key) for each member of the object that starts here. `f` must move the cursor past the member's value.
  // Returns false on a syntax error.
  template <typename F>
  bool members(F&& f) {
    if (!take('{')) return error();
    if (take('}')) return true;
    std::string scratch;
    do {
      const std::string_view key = string(scratch);
      if (failed_ || !take(':')) return error();
      f(key);
      if (failed_) return false;
    } while (take(','));
    return take('}') || error();
  }

  // Calls f() for each element of the array that starts here. `f` must move the cursor past the element. Returns false
  // on a syntax error.
  template <typename F>
  bool elements(F&& f) {
    if (!take('[')) return error();
    if (take(']')) return true;
    do {
      f();
      if (failed_) return false;
    } while (take(','));
    return take(']') || error();
  }

 private:
  static Kind kind_at(char first) {
    switch (first) {
      case '{':
        return Kind::object;
      case '[':
        return Kind::array;
      case '"':
        return Kind::string;
      case 't':
      case 'f':
        return Kind::boolean;
      case 'n':
        return Kind::null;
      default:
        return first == '-' || (first >= '0' && first <= '9') ? Kind::number : Kind::invalid;
    }
  }
  bool error() {
    failed_ = true;
    return false;
  }
  void skip_space() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  // Skips white space, then moves past the character `c`. Returns false if another character comes next.
  bool take(char c) {
    skip_space();
    if (failed_ || p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  // Each of these functions moves the cursor past the next value, and returns false on a syntax error. pass_value(): a
  // value of any kind. pass_string(): a string. pass_number(): a number. pass_literal(): the literal `word`.
  // pass_scalar(): a value that is neither an object nor an array.
  bool pass_value();
  bool pass_string();
  bool pass_number();
  bool pass_literal(std::string_view word);
  bool pass_scalar();

  static std::string_view unescape_into(std::string& scratch, std::string_view inner);

  const char* p_;
  const char* end_;
  bool failed_ = false;
  bool escaped_ = false;  // the string that pass_string() has read last contains a backslash
};

// Returns the kind of the JSON value in a text, judged by the first character of the value only.
Kind kind_of(std::string_view value);

// Returns true if the text is exactly one JSON value, possibly with white space around it.
bool valid(std::string_view text);

// Returns the error message for a text that is not valid JSON: what is wrong with it. It is the message of Go's JSON
// decoder. Users know these messages from Resgate, the gateway in Go that resflow replaces.
std::string syntax_error(std::string_view text);

// Decodes a JSON string, given with its quotes. Returns nullopt if the text is not a JSON string. A lone surrogate
// ("\ud800" without its second half) has no form in UTF-8; it becomes U+FFFD, as in Go and in browsers.
std::optional<std::string> decode_string(std::string_view text);

// Decodes the text between the quotes of a JSON string. The caller must have checked its syntax.
std::string unescape(std::string_view inner);

// append_string(): appends `s` as a JSON string, with quotes and escapes. quote(): returns that JSON string.
void append_string(std::string& out, std::string_view s);
std::string quote(std::string_view s);

}  // namespace resflow::json
