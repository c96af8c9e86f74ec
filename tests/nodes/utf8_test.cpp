#include "nodes/protocol/utf8.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

using resflow::to_valid_utf8;
using resflow::valid_utf8;

namespace {

// Encodes a value below 2^21 in the given number of bytes, even if that is not valid UTF-8.
std::string encode(std::uint32_t value, int bytes) {
  if (bytes == 1) return std::string(1, static_cast<char>(value));
  std::string out(static_cast<std::size_t>(bytes), '\0');
  for (int i = bytes - 1; i > 0; --i) {
    out[static_cast<std::size_t>(i)] = static_cast<char>(0x80 | (value & 0x3F));
    value >>= 6;
  }
  out[0] = static_cast<char>((0xF00 >> bytes) | value);
  return out;
}

int shortest(std::uint32_t value) {
  return value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
}

bool is_scalar(std::uint32_t value) {
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

}  // namespace

TEST_CASE("UTF-8: every value in every length", "[utf8]") {
  for (std::uint32_t value = 0; value < 0x200000; ++value) {
    for (int bytes = shortest(value); bytes <= 4; ++bytes) {
      const bool expected = is_scalar(value) && bytes == shortest(value);
      if (valid_utf8(encode(value, bytes)) != expected) {
        FAIL("value " << value << " in " << bytes << " bytes");
      }
    }
  }
}

TEST_CASE("UTF-8: every sequence of two bytes", "[utf8]") {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      const bool ascii = a < 0x80 && b < 0x80;
      const bool pair = a >= 0xC2 && a <= 0xDF && b >= 0x80 && b <= 0xBF;
      if (valid_utf8(text) != (ascii || pair)) FAIL("bytes " << a << " " << b);
    }
  }
}

TEST_CASE("UTF-8: a fault is found at every place", "[utf8]") {
  const std::vector<std::string> faults{"\xFF", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"};
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string head(before, 'a');
      const std::string tail(after, 'z');
      CHECK(valid_utf8(head + "\xE2\x82\xAC" + tail));
      for (const std::string& fault : faults) CHECK_FALSE(valid_utf8(head + fault + tail));
    }
  }
}

TEST_CASE("UTF-8: what is cut off is not valid", "[utf8]") {
  const std::string text = "\xCE\xBA\xE1\xBD\xB9\xF0\x9F\x98\x80";
  CHECK(valid_utf8(text));
  CHECK(valid_utf8(""));
  for (std::size_t n = 1; n < text.size(); ++n) {
    const bool between = n == 2 || n == 5;
    CHECK(valid_utf8(text.substr(0, n)) == between);
  }
}

TEST_CASE("UTF-8: repair", "[utf8]") {
  CHECK(to_valid_utf8("") == "");
  CHECK(to_valid_utf8("a\xC3\xA9\xF0\x9F\x98\x80z") == "a\xC3\xA9\xF0\x9F\x98\x80z");
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(to_valid_utf8("a\xFFz") == "a" + bad + "z");
  CHECK(to_valid_utf8("\xC3") == bad);
  CHECK(to_valid_utf8("\xE2\x82") == bad + bad);
  CHECK(to_valid_utf8("\xE2\x82z\xC3\xA9") == bad + bad + "z\xC3\xA9");
}
