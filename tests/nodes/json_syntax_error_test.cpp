// The error messages of the JSON reader are the same as in Go's encoding/json, because users of Resgate know them.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nodes/protocol/json.hpp"

namespace json = resflow::json;

namespace {

using Examples = std::vector<std::pair<std::string, std::string>>;

void check(const Examples& examples) {
  for (const auto& [text, words] : examples) {
    INFO("text: " << text);
    CHECK_FALSE(json::valid(text));
    CHECK(json::syntax_error(text) == words);
  }
}

}  // namespace

TEST_CASE("JSON syntax errors: the end of the text", "[json]") {
  for (const std::string text : {"", "  ", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"a",
                                 "\"a\\", "\"\\u12", "tru", "nul", "-", "1.", "1e", "1e+"}) {
    INFO("text: " << text);
    CHECK(json::syntax_error(text) == "unexpected end of JSON input");
  }
}

TEST_CASE("JSON syntax errors: characters out of place", "[json]") {
  check({
      {"JSON", "invalid character 'J' looking for beginning of value"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"{\"a\":}", "invalid character '}' looking for beginning of value"},
      {"+1", "invalid character '+' looking for beginning of value"},
      {"{a:1}", "invalid character 'a' looking for beginning of object key string"},
      {"{,}", "invalid character ',' looking for beginning of object key string"},
      {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
      {"{\"a\" 1}", "invalid character '1' after object key"},
      {"{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair"},
      {"{\"a\":[]]", "invalid character ']' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"[{}}", "invalid character '}' after array element"},
      {"{} x", "invalid character 'x' after top-level value"},
      {"01", "invalid character '1' after top-level value"},
      {"truE", "invalid character 'E' in literal true (expecting 'e')"},
      {"fa se", "invalid character ' ' in literal false (expecting 'l')"},
      {"nil", "invalid character 'i' in literal null (expecting 'u')"},
      {"-a", "invalid character 'a' in numeric literal"},
      {"1.x", "invalid character 'x' after decimal point in numeric literal"},
      {"1e.", "invalid character '.' in exponent of numeric literal"},
      {"\"\\x\"", "invalid character 'x' in string escape code"},
      {"\"\\u12z4\"", "invalid character 'z' in \\u hexadecimal character escape"},
      {"\"a\nb\"", "invalid character '\\n' in string literal"},
  });
}

// Go's quoteChar: like strconv.Quote, except for the two kinds of quotation marks.
TEST_CASE("JSON syntax errors: how a character is quoted", "[json]") {
  check({
      {"'", R"(invalid character '\'' looking for beginning of value)"},
      {"[\"\"\"]", R"(invalid character '"' after array element)"},
      {"\\", R"(invalid character '\\' looking for beginning of value)"},
      {"\"\t\"", R"(invalid character '\t' in string literal)"},
      {"\"\r\"", R"(invalid character '\r' in string literal)"},
      {"\x01", R"(invalid character '\x01' looking for beginning of value)"},
      {"\x7f", R"(invalid character '\x7f' looking for beginning of value)"},
      {"\x80", R"(invalid character '\u0080' looking for beginning of value)"},
  });
}

TEST_CASE("JSON syntax errors: control characters that have a letter in Go", "[json]") {
  check({
      {"\a", R"(invalid character '\a' looking for beginning of value)"},
      {"\b", R"(invalid character '\b' looking for beginning of value)"},
      {"\f", R"(invalid character '\f' looking for beginning of value)"},
      {"\v", R"(invalid character '\v' looking for beginning of value)"},
  });
}

// Go takes such a byte as the character of the same number, and prints it unchanged if it is printable.
TEST_CASE("JSON syntax errors: a byte beyond ASCII is a rune of Latin-1", "[json]") {
  check({
      {"\xE9t\xE9", "invalid character '\xC3\xA9' looking for beginning of value"},
      {"\xC3\xA9", "invalid character '\xC3\x83' looking for beginning of value"},
      {"\xA0", R"(invalid character '\u00a0' looking for beginning of value)"},
      {"\xAD", R"(invalid character '\u00ad' looking for beginning of value)"},
  });
}
