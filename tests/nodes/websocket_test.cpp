// The WebSocket codec. Section numbers refer to RFC 6455.
#include "nodes/protocol/websocket.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace resflow;
using namespace std::string_literals;

namespace {

// Records each event of the decoder as one line.
class Recorder final : public WebSocketEvents {
 public:
  void on_message(std::string message, bool binary) override {
    events.push_back((binary ? "binary " : "text ") + message);
  }
  void on_compressed(std::string message, bool binary) override {
    events.push_back((binary ? "compressed binary " : "compressed text ") + message);
  }
  void on_ping(std::string_view payload) override { events.push_back("ping " + std::string(payload)); }
  void on_pong(std::string_view payload) override { events.push_back("pong " + std::string(payload)); }
  void on_close(std::uint16_t code, std::string_view reason) override {
    events.push_back("close " + std::to_string(code) + " " + std::string(reason));
  }
  void on_error(std::uint16_t code, std::string_view) override { events.push_back("error " + std::to_string(code)); }

  std::vector<std::string> events;
};

using Events = std::vector<std::string>;

constexpr std::size_t kLimit = 1 << 20;

Events decode(std::string_view bytes, std::size_t limit = kLimit) {
  WebSocketDecoder decoder(limit);
  Recorder recorder;
  decoder.feed(bytes, recorder);
  return recorder.events;
}

// Returns a masked frame, as a client sends it.
std::string client_frame(unsigned char first, std::string_view payload, std::string_view mask = "\x37\xfa\x21\x3d") {
  std::string out = frame(Opcode::text, payload);
  out[0] = static_cast<char>(first);
  out[1] = static_cast<char>(static_cast<unsigned char>(out[1]) | 0x80);
  const std::size_t header = out.size() - payload.size();
  for (std::size_t i = 0; i < payload.size(); ++i) out[header + i] = static_cast<char>(out[header + i] ^ mask[i % 4]);
  return out.insert(header, mask);
}

std::string text(std::string_view payload) {
  return client_frame(0x81, payload);
}
std::string close_payload(unsigned code, std::string_view reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} + std::string(reason);
}

}  // namespace

TEST_CASE("WebSocket: the examples of section 5.7", "[websocket]") {
  CHECK(frame(Opcode::text, "Hello") == "\x81\x05Hello");
  CHECK(decode("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s) == Events{"text Hello"});
  CHECK(decode(client_frame(0x01, "Hel") + client_frame(0x80, "lo")) == Events{"text Hello"});
  CHECK(frame(Opcode::ping, "Hello") == "\x89\x05Hello");
  CHECK(decode("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s) == Events{"pong Hello"});
  CHECK(frame(Opcode::binary, std::string(256, 'b')).substr(0, 4) == "\x82\x7E\x01\x00"s);
  CHECK(frame(Opcode::binary, std::string(65536, 'b')).substr(0, 10) == "\x82\x7F\0\0\0\0\0\x01\0\0"s);
}

TEST_CASE("WebSocket: frame headers at the borders of the length forms", "[websocket]") {
  const auto header = [](std::size_t size, bool rsv1 = false) {
    std::string out;
    append_frame_header(out, Opcode::text, size, rsv1);
    return out;
  };
  CHECK(header(0) == "\x81\x00"s);
  CHECK(header(125) == "\x81\x7D"s);
  CHECK(header(126) == "\x81\x7E\x00\x7E"s);
  CHECK(header(65535) == "\x81\x7E\xFF\xFF"s);
  CHECK(header(65536) == "\x81\x7F\0\0\0\0\0\x01\0\0"s);
  CHECK(header(5, true) == "\xC1\x05"s);
}

TEST_CASE("WebSocket: messages of every length form come through", "[websocket]") {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 127U, 1000U, 65535U, 65536U, 65537U, 300000U}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 26);
    CHECK(decode(text(payload)) == Events{"text " + payload});
    CHECK(decode(client_frame(0x82, payload)) == Events{"binary " + payload});
  }
}

TEST_CASE("WebSocket: a stream is the same however it is cut", "[websocket]") {
  const std::string stream = text("first") + client_frame(0x01, "fr\xC3") + client_frame(0x89, "in between") +
                             client_frame(0x00, "\xA4g") + client_frame(0x80, "ment") + text("") +
                             text(std::string(200, 'x')) + client_frame(0x82, "\xFF\x00"s) + client_frame(0x8A, "") +
                             client_frame(0x88, close_payload(1000, "bye"));
  const Events expected{
      "text first",       "ping in between", "text fr\xC3\xA4gment", "text ", "text " + std::string(200, 'x'),
      "binary \xFF\x00"s, "pong ",           "close 1000 bye"};
  REQUIRE(decode(stream) == expected);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); second += 7) {
      WebSocketDecoder decoder(kLimit);
      Recorder recorder;
      decoder.feed(stream.substr(0, first), recorder);
      decoder.feed(stream.substr(first, second - first), recorder);
      decoder.feed(stream.substr(second), recorder);
      if (recorder.events != expected) FAIL("cut at " << first << " and " << second);
    }
  }
  WebSocketDecoder decoder(kLimit);
  Recorder recorder;
  for (const char byte : stream) decoder.feed({&byte, 1}, recorder);
  CHECK(recorder.events == expected);
  CHECK(decoder.finished());
}

TEST_CASE("WebSocket: compressed messages (RFC 7692), where they are agreed on", "[websocket]") {
  const auto decode_both = [](std::string_view bytes) {
    WebSocketDecoder decoder(kLimit, true);
    Recorder recorder;
    for (const char byte : bytes) decoder.feed({&byte, 1}, recorder);
    return recorder.events;
  };
  SECTION("6: the first frame has the mark, and is for the whole message") {
    CHECK(decode_both(client_frame(0xC1, "x")) == Events{"compressed text x"});
    CHECK(decode_both(client_frame(0xC2, "\xFF")) == Events{"compressed binary \xFF"});
    CHECK(decode_both(client_frame(0xC1, "\xFF")) == Events{"compressed text \xFF"});
    CHECK(decode_both(client_frame(0xC1, "")) == Events{"compressed text "});
    CHECK(decode_both(client_frame(0x41, "a") + client_frame(0x89, "p") + client_frame(0x00, "b") +
                      client_frame(0x80, "c")) == Events{"ping p", "compressed text abc"});
  }
  SECTION("6: others may be as they are") {
    CHECK(decode_both(text("a") + client_frame(0xC1, "b") + text("c")) ==
          Events{"text a", "compressed text b", "text c"});
    CHECK(decode_both(client_frame(0xC1, "a") + client_frame(0x01, "b") + client_frame(0x80, "c")) ==
          Events{"compressed text a", "text bc"});
    CHECK(decode_both(client_frame(0xC1, "a") + text("\xFF")) == Events{"compressed text a", "error 1007"});
  }
  SECTION("6.1: only first frames of data have it") {
    CHECK(decode_both(client_frame(0x41, "a") + client_frame(0xC0, "b")) == Events{"error 1002"});
    CHECK(decode_both(client_frame(0x01, "a") + client_frame(0xC0, "b")) == Events{"error 1002"});
    for (const int first : {0xC8, 0xC9, 0xCA, 0xC0, 0xA1, 0x91, 0xE1, 0xD1, 0xC3}) {
      CHECK(decode_both(client_frame(static_cast<unsigned char>(first), "x")) == Events{"error 1002"});
    }
  }
  SECTION("their size as it comes is bounded, too") {
    WebSocketDecoder decoder(4, true);
    Recorder recorder;
    decoder.feed(client_frame(0xC1, "1234") + client_frame(0x41, "12") + client_frame(0x80, "345"), recorder);
    CHECK(recorder.events == Events{"compressed text 1234", "error 1009"});
  }
}

TEST_CASE("WebSocket: protocol errors", "[websocket]") {
  const Events protocol_error{"error 1002"};
  SECTION("5.1: not masked") {
    CHECK(decode(frame(Opcode::text, "Hello")) == protocol_error);
  }
  SECTION("5.2: reserved bits") {
    for (const int first : {0xC1, 0xA1, 0x91, 0xF1, 0xC9}) {
      CHECK(decode(client_frame(static_cast<unsigned char>(first), "x")) == protocol_error);
    }
  }
  SECTION("5.2: reserved opcodes") {
    for (const int op : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
      CHECK(decode(client_frame(static_cast<unsigned char>(0x80 | op), "x")) == protocol_error);
    }
  }
  SECTION("5.2: a length not in its shortest form") {
    CHECK(decode("\x81\xFE\x00\x7D"s + std::string(4 + 125, 'x')) == protocol_error);
    CHECK(decode("\x81\xFF\0\0\0\0\0\0\xFF\xFF"s + std::string(4 + 65535, 'x')) == protocol_error);
    CHECK(decode("\x81\xFF\x80\0\0\0\0\0\0\x00xxxx"s) == protocol_error);
  }
  SECTION("5.4: fragments") {
    CHECK(decode(client_frame(0x80, "x")) == protocol_error);
    CHECK(decode(client_frame(0x00, "x")) == protocol_error);
    CHECK(decode(client_frame(0x01, "x") + client_frame(0x81, "y")) == protocol_error);
    CHECK(decode(client_frame(0x01, "x") + client_frame(0x82, "y")) == protocol_error);
    CHECK(decode(text("x") + client_frame(0x80, "y")) == Events{"text x", "error 1002"});
    CHECK(decode(client_frame(0x01, "") + client_frame(0x01, "")) == protocol_error);
  }
  SECTION("5.5: control frames") {
    CHECK(decode(client_frame(0x09, "x")) == protocol_error);
    CHECK(decode(client_frame(0x08, "")) == protocol_error);
    CHECK(decode(client_frame(0x89, std::string(126, 'x'))) == protocol_error);
    CHECK(decode(client_frame(0x89, std::string(125, 'x'))) == Events{"ping " + std::string(125, 'x')});
  }
  SECTION("8.1: text that is not UTF-8") {
    CHECK(decode(text("\xFF")) == Events{"error 1007"});
    CHECK(decode(client_frame(0x01, "\xE2\x82") + client_frame(0x80, "")) == Events{"error 1007"});
  }
  SECTION("nothing follows an error") {
    CHECK(decode(client_frame(0x83, "x") + text("y")) == protocol_error);
  }
}

TEST_CASE("WebSocket: close frames", "[websocket]") {
  const auto close = [](std::string_view payload) { return decode(client_frame(0x88, payload) + text("more")); };
  CHECK(close("") == Events{"close 1005 "});
  CHECK(close("\x03") == Events{"error 1002"});
  CHECK(close(close_payload(1000) + "\xFF") == Events{"error 1007"});
  CHECK(close(close_payload(4999, std::string(123, 'r'))) == Events{"close 4999 " + std::string(123, 'r')});
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1014U, 3000U}) {
    CHECK(close(close_payload(code)) == Events{"close " + std::to_string(code) + " "});
  }
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
    CHECK(close(close_payload(code)) == Events{"error 1002"});
  }
  CHECK(close_frame(1000, "ok") == "\x88\x04\x03\xE8ok");
  CHECK(close_frame(close_code::kNoStatus, "not said") == "\x88\x00"s);
  // A reason that is too long must not be cut inside a character. Here 123 bytes would end in the middle of the last
  // one.
  const std::string long_reason = std::string(122, 'r') + "\xE2\x82\xAC";
  CHECK(close_frame(1001, long_reason) == "\x88\x7C\x03\xE9" + std::string(122, 'r'));
}

TEST_CASE("WebSocket: the limit is on the whole message", "[websocket]") {
  CHECK(decode(text("12345678"), 8) == Events{"text 12345678"});
  CHECK(decode(text("123456789"), 8) == Events{"error 1009"});
  CHECK(decode(client_frame(0x01, "12345") + client_frame(0x80, "678"), 8) == Events{"text 12345678"});
  CHECK(decode(client_frame(0x01, "12345") + client_frame(0x80, "6789"), 8) == Events{"error 1009"});
  CHECK(decode(client_frame(0x89, "123456789"), 8) == Events{"ping 123456789"});
  // The header alone is enough to refuse the frame.
  CHECK(decode("\x81\xFF\0\0\x7F\0\0\0\0\0mask"s) == Events{"error 1009"});
}

TEST_CASE("WebSocket: an idle decoder is small", "[websocket]") {
  CHECK(sizeof(WebSocketDecoder) <= 128);
}

// Feeds random bytes, and valid streams with random faults, in pieces of random size. The decoder must not crash, and
// the sizes of the pieces must make no difference.
TEST_CASE("WebSocket: random input", "[websocket]") {
  std::mt19937 random(20240607);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 20000; ++round) {
    std::string stream;
    for (std::size_t n = below(6); n > 0; --n) {
      const unsigned char firsts[] = {0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A};
      stream += client_frame(firsts[below(8)], std::string(below(300), static_cast<char>('a' + below(26))));
    }
    if (round % 2 == 0) stream += std::string(1, static_cast<char>(random())) + std::string(below(40), '\x81');
    for (std::size_t n = below(3); n > 0 && !stream.empty(); --n) {
      stream[below(stream.size())] = static_cast<char>(random());
    }
    WebSocketDecoder decoder(1000);
    Recorder recorder;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t n = 1 + below(50);
      decoder.feed(std::string_view(stream).substr(at, n), recorder);
      at += n;
    }
    if (recorder.events != decode(stream, 1000)) FAIL("round " << round);
  }
}
