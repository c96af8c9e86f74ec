#include "tools/bench/frames.hpp"

#include <cstdint>

namespace resflow::bench {

namespace {

constexpr std::size_t kLength16 = 126;
constexpr std::size_t kLength64 = 127;

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) out.push_back(static_cast<char>(value >> (shift - 8)));
}

}  // namespace

void append_client_frame(std::string& out, Opcode op, std::string_view payload) {
  constexpr unsigned masked = 0x80;
  const auto length_byte = [&](std::size_t length) { out.push_back(static_cast<char>(masked | length)); };
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(op)));
  if (payload.size() < kLength16) {
    length_byte(payload.size());
  } else if (payload.size() <= 0xFFFF) {
    length_byte(kLength16);
    append_big_endian(out, payload.size(), 2);
  } else {
    length_byte(kLength64);
    append_big_endian(out, payload.size(), 8);
  }
  out.append(4, '\0');
  out.append(payload);
}

// Reads the header of a frame (RFC 6455, section 5.2). If `bytes` has only a part of the header, returns a Frame with
// size 0.
FrameReader::Frame FrameReader::read_header(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if ((byte(0) & 0x70) != 0) throw RunError("the gateway sent a frame with a reserved bit");
  if ((byte(1) & 0x80) != 0) throw RunError("the gateway sent a masked frame");
  std::size_t length = byte(1);
  const std::size_t extended = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  Frame frame;
  frame.header = 2 + extended;
  if (bytes.size() < frame.header) return {};
  if (extended > 0) {
    length = 0;
    for (std::size_t i = 0; i < extended; ++i) length = length << 8 | byte(2 + i);
  }
  if (length > kMaxMessage) throw RunError("the gateway sent a frame of " + std::to_string(length) + " bytes");
  frame.op = static_cast<Opcode>(byte(0) & 0x0F);
  frame.fin = (byte(0) & 0x80) != 0;
  frame.size = frame.header + length;
  return frame;
}

void FrameReader::add_fragment(const Frame& frame, std::string_view payload) {
  if (frame.op != Opcode::continuation) first_ = frame.op;
  if (fragments_.size() + payload.size() > kMaxMessage) throw RunError("the gateway sent a message without an end");
  fragments_.append(payload);
}

}  // namespace resflow::bench
