// Strings and bytes in a capture: they are the same after reading, also with another JSON reader.
#include "io/capture/capture_text.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <random>

#include "nodes/protocol/utf8.hpp"

using namespace resflow;

namespace {

std::string quoted(std::string_view text) {
  ByteBuffer out;
  append_quoted(out, text);
  return std::string(out.view());
}

std::string base64(std::string_view bytes) {
  ByteBuffer out;
  append_base64(out, bytes);
  return std::string(out.view());
}

// Reads the string with Boost.JSON, which did not write it.
std::string by_another(const std::string& json) {
  const boost::json::value value = boost::json::parse(json);
  return std::string(value.as_string());
}

std::string some_bytes(std::mt19937& random, std::size_t size) {
  std::uniform_int_distribution<int> byte(0, 255);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(byte(random));
  return bytes;
}

// Returns random text in which many characters must be escaped.
std::string some_text(std::mt19937& random, std::size_t size) {
  constexpr std::string_view letters = "\"\\\n\t\x01\x1f\x7f abcdefgh";
  std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
  std::string text(size, '\0');
  for (char& c : text) c = letters[letter(random)];
  return text;
}

void check_quoted(const std::string& text) {
  const std::string json = quoted(text);
  CAPTURE(json);
  CHECK(json.find('\n') == std::string::npos);
  CHECK(decode_quoted(json) == text);
  CHECK(by_another(json) == text);
}

}  // namespace

TEST_CASE("Capture text: every byte of ASCII at every place of a block and at its borders") {
  for (std::size_t size = 1; size <= 66; ++size) {
    std::string text(size, 'x');
    bool same = true;
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 128; ++c) {
        text[at] = static_cast<char>(c);
        const std::string json = quoted(text);
        same = same && decode_quoted(json) == text && (size % 16 > 1 || by_another(json) == text);
      }
      text[at] = 'x';
    }
    CHECK(same);
  }
}

TEST_CASE("Capture text: all that must be escaped, alone and in a row") {
  check_quoted("");
  for (int c = 0; c < 0x20; ++c) check_quoted(std::string(1, static_cast<char>(c)));
  for (const std::size_t size : {15U, 16U, 17U, 31U, 32U, 33U, 47U, 48U, 49U, 64U}) {
    check_quoted(std::string(size, '"'));
    check_quoted(std::string(size, '\\'));
    check_quoted(std::string(size, '\0'));
    check_quoted(std::string(size, '\x1f'));
  }
  check_quoted("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 \xed\x9f\xbf");
}

TEST_CASE("Capture text: random texts") {
  std::mt19937 random(1);
  for (int i = 0; i < 2'000; ++i) check_quoted(some_text(random, static_cast<std::size_t>(i) % 130));
}

TEST_CASE("Capture text: several strings in one buffer, which grows") {
  ByteBuffer out;
  std::string all;
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    const std::string text = some_text(random, 97);
    append_quoted(out, text);
    all += quoted(text);
  }
  CHECK(out.view() == all);
}

TEST_CASE("Capture text: strings that another has written are read as well") {
  CHECK(decode_quoted(R"("a\u0041\/\b\f\n\r\t\"\\")") == "aA/\b\f\n\r\t\"\\");
  CHECK(decode_quoted(R"("\ud83d\ude00")") == "\xf0\x9f\x98\x80");
}

TEST_CASE("Capture text: what is no string") {
  for (const char* text : {"", "\"", "1", "null", "[\"a\"]", "\"a", "a\""}) CHECK_FALSE(decode_quoted(text));
}

TEST_CASE("Capture text: whether bytes are text") {
  std::mt19937 random(3);
  for (int i = 0; i < 5'000; ++i) {
    const std::string bytes = some_bytes(random, static_cast<std::size_t>(i) % 12);
    CHECK(is_text(bytes) == valid_utf8(bytes));
  }
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string bytes(size, 'a');
      bytes[at] = '\xff';
      CHECK_FALSE(is_text(bytes));
    }
    CHECK(is_text(std::string(size, 'a')));
  }
}

TEST_CASE("Capture text: base64 of random bytes of each length") {
  std::mt19937 random(4);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string bytes = some_bytes(random, size);
    const std::string text = base64(bytes);
    CHECK(text.size() == (size + 2) / 3 * 4);
    CHECK(decode_base64(text) == bytes);
  }
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("Capture text: what is no base64") {
  for (const char* text : {"Zg=", "Z", "Zm9v!mFy", "====", "=Zm9", "Zm9vZg==Zm9v", "Zm9v\n\n\n\n", "    Zm9v",
                           "Z===", "Zm=v", "Zm9vZg=a"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}

TEST_CASE("Capture text: what is plain") {
  for (std::size_t size = 0; size <= 70; ++size) {
    std::string text(size, '~');
    CHECK(is_plain(text));
    CHECK(is_text(text));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char odd : {'\n', '\0', '\x1f', '\x80', '\xff'}) {
        text[at] = odd;
        CHECK_FALSE(is_plain(text));
        CHECK(is_text(text) == (static_cast<unsigned char>(odd) < 0x80));
      }
      text[at] = ' ';
      CHECK(is_plain(text));
      text[at] = '~';
    }
  }
}
