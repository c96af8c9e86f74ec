#include "io/web/http_body.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <utility>

using namespace resflow;

namespace {

using State = HttpBodyReader::State;

constexpr std::size_t kLimit = 100;

std::string head(const std::string& framing) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n";
}
const std::string kChunked = head("Transfer-Encoding: chunked");

struct Outcome {
  State state;
  std::string body;
  std::string rest;  // bytes that were not taken

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Reads as a connection does: bytes that were not taken come again, followed by the next piece. `cut` gives the size of
// each piece.
template <class Cut>
Outcome read(const std::string& head, std::string_view bytes, Cut cut) {
  HttpBodyReader reader(head, kLimit);
  std::string waiting;
  while (reader.state() == State::more && !bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), cut());
    waiting.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    waiting.erase(0, reader.feed(waiting));
  }
  return {reader.state(), reader.body(), waiting + std::string(bytes)};
}

Outcome read(const std::string& head, std::string_view bytes) {
  return read(head, bytes, [] { return std::string::npos; });
}

// Returns the state after all bytes, and checks that it is the same when they come one by one.
State state_of(const std::string& head, const std::string& bytes) {
  const Outcome whole = read(head, bytes);
  CHECK(read(head, bytes, [] { return std::size_t{1}; }).state == whole.state);
  return whole.state;
}

}  // namespace

TEST_CASE("HTTP body: by its length", "[http]") {
  CHECK(read(head("Content-Length: 5"), "helloGET /") == Outcome{State::done, "hello", "GET /"});
  CHECK(read(head("Content-Length: 5, 5"), "hello") == Outcome{State::done, "hello", ""});
  CHECK(read(head("Content-Length: 00"), "GET /") == Outcome{State::done, "", "GET /"});
  CHECK(read(head("Content-Length: 5"), "hell") == Outcome{State::more, "hell", ""});
  CHECK(read(head("Content-Length: 100"), std::string(100, 'x')).state == State::done);
}

TEST_CASE("HTTP body: in chunks", "[http]") {
  CHECK(read(kChunked, "3\r\nabc\r\n02\r\nde\r\n0\r\n\r\nGET /") == Outcome{State::done, "abcde", "GET /"});
  CHECK(read(kChunked, "a\r\n0123456789\r\n0\r\n\r\n") == Outcome{State::done, "0123456789", ""});
  CHECK(read(kChunked, "0\r\n\r\n") == Outcome{State::done, "", ""});
}

TEST_CASE("HTTP body: extensions of chunks and trailers are let pass", "[http]") {
  CHECK(read(kChunked, "3;a=b;c=\"d e\";f\r\nabc\r\n0;x\r\nChecksum: 1\r\nOther: 2\r\n\r\nGET /") ==
        Outcome{State::done, "abc", "GET /"});
}

TEST_CASE("HTTP body: cut anywhere it is the same", "[http]") {
  const std::string stream = "3;a=b\r\nabc\r\n1\r\n\n\r\n0\r\nChecksum: 1\r\n\r\n";
  for (std::size_t first = 1; first < stream.size(); ++first) {
    bool begun = false;
    const Outcome outcome =
        read(kChunked, stream + "next", [&] { return std::exchange(begun, true) ? std::string::npos : first; });
    CHECK(outcome == Outcome{State::done, "abc\n", "next"});
  }
  CHECK(read(kChunked, stream + "next", [] { return std::size_t{1}; }) == Outcome{State::done, "abc\n", "next"});
}

TEST_CASE("HTTP body: too large", "[http]") {
  CHECK(read(head("Content-Length: 101"), "x") == Outcome{State::too_large, "", "x"});
  CHECK(state_of(kChunked, "65\r\n") == State::too_large);
  CHECK(state_of(kChunked, "64\r\n" + std::string(100, 'x') + "\r\n1\r\n") == State::too_large);
  CHECK(state_of(kChunked, "ffffffffffffffff\r\n") == State::too_large);
}

TEST_CASE("HTTP body: malformed", "[http]") {
  for (const char* stream :
       {"\r\n", "x\r\n", "-1\r\n", "0x1\r\n\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "1;\r\na\r\n", "1\r\nab\r\n0\r\n\r\n",
        "1\r\na\n0\r\n\r\n", "1;a\nb\r\na\r\n", "1;a=\"\n\"\r\na\r\n", "0;a=\"\x7F\"\r\n\r\n", "fffffffffffffffff\r\n",
        "0\r\nno field\r\n\r\n", "0\r\nContent-Length: 1\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    CAPTURE(stream);
    CHECK(state_of(kChunked, stream) == State::malformed);
  }
}

// Found by the fuzzer: Beast reads on behind the line, and takes the chunk's size off the limit each time it is asked.
TEST_CASE("HTTP body: a quoted text in an extension must end in its line", "[http]") {
  CHECK(state_of(kChunked, "5;a=\"b\r\nhello\r\n0\r\n\r\n") == State::malformed);
  CHECK(state_of(kChunked, "1\r\nx\r\n32;a=\"\r\n") == State::malformed);
  CHECK(state_of(kChunked, "32;a=\"b\r\n" + std::string(60, 'x')) == State::malformed);
  CHECK(state_of(kChunked, "0;a=\"b\r\n\r\n") == State::malformed);
  CHECK(state_of(kChunked, "00;a=\"b\"\r\nt: x\r\n") == State::more);
}

TEST_CASE("HTTP body: what surrounds the chunks has a limit", "[http]") {
  const std::string endless(kMaxChunkHead, 'a');
  CHECK(state_of(kChunked, "1;" + endless) == State::malformed);
  CHECK(state_of(kChunked, "0\r\nX: " + endless) == State::malformed);
  CHECK(state_of(kChunked, "1\r\na\r\n0\r\n" + endless) == State::malformed);
  const std::string fitting(kMaxChunkHead - 100, 'a');
  CHECK(state_of(kChunked, "1;" + fitting + "\r\na\r\n0\r\nX: " + fitting + "\r\n\r\n") == State::done);
}

TEST_CASE("HTTP body: random bytes", "[http]") {
  std::mt19937 random(11);
  const std::string sound = "3;a=b\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nChecksum: 1\r\n\r\n";
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = sound;
    for (int faults = static_cast<int>(random() % 4); faults >= 0; --faults) {
      bytes[random() % bytes.size()] = random() % 2 == 0 ? static_cast<char>(random()) : sound[random() % sound.size()];
    }
    const Outcome whole = read(kChunked, bytes);
    REQUIRE(whole.body.size() <= kLimit);
    const Outcome cut = read(kChunked, bytes, [&] { return 1 + random() % 9; });
    if (whole.state == State::done || cut.state == State::done) REQUIRE(cut == whole);
    REQUIRE((whole.state == State::more) == (cut.state == State::more));
  }
}
