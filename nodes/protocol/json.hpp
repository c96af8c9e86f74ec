// Reading JSON text in place: values that only pass through keep the bytes they came with (a DOM would re-format
// numbers and copy strings), so the pipeline needs the *extent* of a value more often than its content. Boost.JSON
// writes the strings that need escapes, and is what the tests compare this reader with.
//
// Pure; any thread. Grammar: RFC 8259, at most kMaxDepth levels deep. No function reads past the text it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resflow::json {

inline constexpr std::size_t kMaxDepth = 10'000;

enum class Kind : std::uint8_t { null, boolean, number, string, array, object, invalid };

// A position in a text. The first syntax error sets `failed`, and every later call fails as well.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : p_(text.data()), end_(p_ + text.size()) {}

  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

  // The kind of the value that starts here (white space is skipped), by its first character.
  Kind kind();

  // Passes one value, checking its syntax, and returns its text without surrounding white space; empty on an error.
  std::string_view value();

  // Passes a string and returns it decoded (decode_string): a view of the text itself when it has no escapes, else of
  // `scratch`.
  std::string_view string(std::string& scratch);

  // True when nothing but white space is left.
  bool at_end();

  // Calls f(key) for each member of the object that starts here; f must pass the member's value.
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

  // Calls f() for each element of the array that starts here; f must pass the element.
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
  bool error() {
    failed_ = true;
    return false;
  }
  void skip_space() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  bool take(char c) {
    skip_space();
    if (failed_ || p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  bool pass_value();
  bool pass_string();
  bool pass_number();
  bool pass_literal(std::string_view word);
  bool pass_scalar();

  const char* p_;
  const char* end_;
  bool failed_ = false;
};

// The kind of a value by its text.
Kind kind_of(std::string_view value);

// Whether the text is one JSON value.
bool valid(std::string_view text);

// Says what is wrong with a text that is not valid, in the words a Go program uses (what users of Resgate see).
std::string syntax_error(std::string_view text);

// The decoded content of a JSON string's text (with its quotes); nullopt when the text is no JSON string. Half a
// surrogate pair, which no text in UTF-8 can have, becomes U+FFFD, as Go and browsers have it.
std::optional<std::string> decode_string(std::string_view text);

// The same of what stands between the quotes of a string whose syntax is known to be sound.
std::string unescape(std::string_view inner);

// Appends `s` as a JSON string, quoted and escaped.
void append_string(std::string& out, std::string_view s);
std::string quote(std::string_view s);

}  // namespace resflow::json
