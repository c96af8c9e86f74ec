// FrameCompressor: frames and their compressed copies.
#include "io/web/frame_compressor.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "nodes/protocol/websocket.hpp"

using namespace resflow;

namespace {

Frame make(Opcode opcode, const std::string& payload) {
  return std::make_shared<const std::string>(frame(opcode, payload));
}

const std::string kText(1'000, 'x');

}  // namespace

TEST_CASE("frame compressor: the message comes back, and is smaller on the way", "[frame_compressor]") {
  FrameCompressor compressor;
  Inflater inflater;
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    for (const std::size_t size : {200U, 65'000U, 70'000U, 3'000'000U}) {
      const std::string payload(size, 'x');
      const Frame plain = make(opcode, payload);
      const Frame compressed_form = compressor.compressed_form(plain);
      REQUIRE(compressed_form->size() < plain->size());
      CHECK(static_cast<unsigned char>((*compressed_form)[0]) == (0xC0 | static_cast<unsigned char>(opcode)));
      const auto length = static_cast<unsigned char>((*compressed_form)[1]);
      std::string out;
      CHECK(inflater.expand(std::string_view(*compressed_form).substr(length < 126 ? 2 : 4), size, out) ==
            Inflater::Result::done);
      CHECK(out == payload);
    }
  }
}

TEST_CASE("frame compressor: a frame for many is compressed once a turn", "[frame_compressor]") {
  FrameCompressor compressor;
  const Frame plain = make(Opcode::text, kText);
  const Frame held = plain;
  const Frame compressed_form = compressor.compressed_form(plain);
  for (int i = 0; i < 10; ++i) CHECK(compressor.compressed_form(plain) == compressed_form);
  CHECK(compressor.compressions() == 1);
  CHECK(compressor.remembers());
  compressor.forget();
  CHECK_FALSE(compressor.remembers());
  CHECK(held.use_count() == 2);
  CHECK(*compressor.compressed_form(plain) == *compressed_form);
  CHECK(compressor.compressions() == 2);
}

TEST_CASE("frame compressor: a frame for one is not remembered", "[frame_compressor]") {
  FrameCompressor compressor;
  CHECK(compressor.compressed_form(make(Opcode::text, kText))->size() < 100);
  CHECK_FALSE(compressor.remembers());
}

TEST_CASE("frame compressor: a frame that has gone is not taken for another at its place", "[frame_compressor]") {
  FrameCompressor compressor;
  for (char c = 'a'; c <= 'z'; ++c) {
    const Frame plain = make(Opcode::text, std::string(1'000, c));
    const Frame held = plain;
    const Frame compressed_form = compressor.compressed_form(plain);
    Inflater inflater;
    std::string out;
    inflater.expand(std::string_view(*compressed_form).substr(2), 1'000, out);
    CHECK(out == std::string(1'000, c));
  }
}

TEST_CASE("frame compressor: what it leaves as it is", "[frame_compressor]") {
  FrameCompressor compressor;
  std::mt19937 random(1);
  std::string noise(1'000, 0);
  for (char& c : noise) c = static_cast<char>(random());
  std::string compressed;
  append_frame_header(compressed, Opcode::text, kText.size(), true);
  compressed += kText;
  std::string fragment = frame(Opcode::text, kText);
  fragment[0] = '\x01';
  const std::vector<std::string> frames{
      frame(Opcode::text, "small"),
      frame(Opcode::text, std::string(127, 'x')),
      frame(Opcode::text, std::string((4 << 20) + 1, 'x')),
      frame(Opcode::binary, noise),
      frame(Opcode::ping, "x"),
      close_frame(1000, std::string(123, 'x')),
      frame(Opcode::continuation, kText),
      compressed,
      fragment,
      frame(Opcode::text, kText) + frame(Opcode::text, kText),
      frame(Opcode::text, kText).substr(0, 500),
      "",
      "x",
  };
  for (const std::string& bytes : frames) {
    const Frame plain = std::make_shared<const std::string>(bytes);
    const Frame held = plain;
    CHECK(compressor.compressed_form(plain) == plain);
  }
  CHECK(compressor.compressions() == 0);
  CHECK(compressor.compressed_form(make(Opcode::text, std::string(128, 'x')))->size() < 128);
}
