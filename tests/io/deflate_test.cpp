// Compression of messages. Section numbers refer to RFC 7692.
#include "io/web/deflate.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace resflow;
using namespace std::string_literals;

namespace {

constexpr std::size_t kLimit = 1 << 20;

std::string expand(Inflater& inflater, std::string_view payload, std::size_t limit = kLimit) {
  std::string out;
  switch (inflater.expand(payload, limit, out)) {
    case Inflater::Result::done:
      return out;
    case Inflater::Result::too_large:
      return "[too large]";
    default:
      return "[corrupt]";
  }
}

std::string json_text(std::size_t size) {
  std::string text = "{";
  for (int i = 0; text.size() < size; ++i) text += "\"property" + std::to_string(i) + "\":\"value\",";
  return text.substr(0, size);
}

std::string noise(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string text(size, 0);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

}  // namespace

TEST_CASE("deflate: the examples of section 7.2.3", "[deflate]") {
  Inflater inflater;
  CHECK(expand(inflater, "\xf2\x48\xcd\xc9\xc9\x07\x00"s) == "Hello");
  CHECK(expand(inflater, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s) == "Hello");  // not compressed
  CHECK(expand(inflater, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s) == "Hello");              // marked as the last block
  CHECK(expand(inflater, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s) == "Hello");  // two blocks
  CHECK(expand(inflater, "\x00"s).empty());
  CHECK(expand(inflater, "") == "[corrupt]");  // section 7.2.3.6: even the empty message has one byte
  CHECK(expand(inflater, "\xf2\x00\x11\x00\x00"s) == "[corrupt]");  // refers to the window of the previous message
  Deflater deflater;
  CHECK(deflater.compress("Hello") == "\xf2\x48\xcd\xc9\xc9\x07\x00"s);
  CHECK(deflater.compress("") == "\x00"s);
}

TEST_CASE("deflate: what was compressed is expanded, message after message", "[deflate]") {
  Deflater deflater;
  Inflater inflater;
  for (const std::size_t size :
       {1U, 2U, 127U, 128U, 1'000U, 16'383U, 16'384U, 16'385U, 65'535U, 65'536U, 300'000U, 1U << 20}) {
    for (const std::string& message : {json_text(size), noise(size), std::string(size, 'x')}) {
      const std::string payload(deflater.compress(message));
      REQUIRE(expand(inflater, payload) == message);
      CHECK(payload == deflater.compress(message));
    }
  }
  for (std::size_t size = 0; size < 600; ++size)
    REQUIRE(expand(inflater, deflater.compress(noise(size))) == noise(size));
  CHECK(deflater.compress(json_text(100'000)).size() < 20'000);
}

TEST_CASE("deflate: a message is bounded by what it becomes", "[deflate]") {
  Deflater deflater;
  Inflater inflater;
  const std::string message = json_text(100'000);
  const std::string payload(deflater.compress(message));
  CHECK(expand(inflater, payload, message.size()) == message);
  CHECK(expand(inflater, payload, message.size() - 1) == "[too large]");
  const std::string bomb(deflater.compress(std::string(100'000'000, 'x')));
  REQUIRE(bomb.size() < 1'000'000);
  std::string out;
  CHECK(inflater.expand(bomb, kLimit, out) == Inflater::Result::too_large);
  CHECK(out.size() <= kLimit);
  CHECK(expand(inflater, payload) == message);
}

TEST_CASE("deflate: what is corrupt, or cut off, is said to be, and harms no other", "[deflate]") {
  Deflater deflater;
  Inflater inflater;
  const std::string message = json_text(1'000);
  const std::string payload(deflater.compress(message));
  CHECK(expand(inflater, "\xFF\xFF\xFF\xFF") == "[corrupt]");
  CHECK(expand(inflater, "\x07") == "[corrupt]");
  CHECK(expand(inflater, "Hello, world") == "[corrupt]");
  for (std::size_t size = 1; size + 1 < payload.size(); ++size) {
    CHECK(expand(inflater, std::string_view(payload).substr(0, size)) == "[corrupt]");
  }
  CHECK(expand(inflater, payload) == message);
}

TEST_CASE("deflate: whatever comes, it ends, within the limit", "[deflate]") {
  Deflater deflater;
  Inflater inflater;
  std::mt19937 random(1);
  const std::string payload(deflater.compress(json_text(2'000)));
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = i % 2 == 0 ? noise(random() % 50) : payload;
    for (unsigned k = random() % 4; k > 0 && !bytes.empty(); --k)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    std::string out;
    inflater.expand(bytes, 10'000, out);
    REQUIRE(out.size() <= 10'000);
  }
}
