// The WebSocket frames of the load generator, compared with the gateway's own codec.
#include "tools/bench/frames.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

using namespace resflow;
using bench::FrameReader;
using bench::RunError;
using Messages = std::vector<std::pair<Opcode, std::string>>;

namespace {

// Returns the messages that FrameReader finds when the bytes come in pieces of the given size.
Messages read(std::string_view bytes, std::size_t piece) {
  FrameReader reader;
  Messages all;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    reader.feed(bytes.substr(i, piece), [&](Opcode op, std::string_view text) { all.emplace_back(op, text); });
  }
  return all;
}

std::string bytes_of(std::initializer_list<unsigned> bytes) {
  std::string out;
  for (const unsigned byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

// Records what the gateway's decoder reads, as text.
struct Heard final : WebSocketEvents {
  std::vector<std::string> texts;
  void on_message(std::string message, bool) override { texts.push_back(std::move(message)); }
  void on_ping(std::string_view payload) override { texts.push_back("ping " + std::string(payload)); }
  void on_pong(std::string_view payload) override { texts.push_back("pong " + std::string(payload)); }
  void on_close(std::uint16_t code, std::string_view) override { texts.push_back("close " + std::to_string(code)); }
  void on_error(std::uint16_t, std::string_view text) override { texts.push_back("error " + std::string(text)); }
};

}  // namespace

TEST_CASE("Client frames: the gateway reads them", "[frames]") {
  std::vector<std::string> sent;
  std::string bytes;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65'535U, 65'536U, 70'000U}) {
    sent.push_back(std::string(size, 'a'));
    bench::append_client_frame(bytes, Opcode::text, sent.back());
  }
  bench::append_client_frame(bytes, Opcode::pong, "p");
  sent.push_back("pong p");
  Heard heard;
  WebSocketDecoder(1 << 20).feed(bytes, heard);
  CHECK(heard.texts == sent);
}

TEST_CASE("Server frames: read however they are cut", "[frames]") {
  Messages sent;
  std::string bytes;
  for (const std::size_t size : {0U, 5U, 125U, 126U, 300U, 65'535U, 65'536U}) {
    sent.emplace_back(Opcode::text, std::string(size, 'b'));
    bytes += frame(Opcode::text, sent.back().second);
    sent.emplace_back(Opcode::ping, "x");
    bytes += frame(Opcode::ping, "x");
  }
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U, 4'096U, 1'000'000U}) {
    INFO(piece);
    CHECK(read(bytes, piece) == sent);
  }
}

TEST_CASE("Server frames: fragments, with control frames between them", "[frames]") {
  const std::string bytes = bytes_of({0x01, 2, 'a', 'b', 0x89, 1, 'p', 0x00, 1, 'c', 0x80, 1, 'd', 0x81, 1, 'e'});
  for (const std::size_t piece : {1U, 4U, 100U}) {
    CHECK(read(bytes, piece) == Messages{{Opcode::ping, "p"}, {Opcode::text, "abcd"}, {Opcode::text, "e"}});
  }
}

TEST_CASE("Server frames: what breaks the protocol", "[frames]") {
  CHECK_THROWS_AS(read(bytes_of({0xC1, 0}), 100), RunError);
  CHECK_THROWS_AS(read(bytes_of({0x81, 0x80, 0, 0, 0, 0}), 100), RunError);
  CHECK_THROWS_AS(read(bytes_of({0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0}), 100), RunError);
}
