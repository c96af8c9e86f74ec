#include "io/web/frame_compressor.hpp"

#include <string>
#include <string_view>

#include "nodes/protocol/websocket.hpp"

namespace resflow {
namespace {

constexpr std::size_t kSmall = 128;  // bytes; a smaller message is not compressed, because there is little to gain
// Bytes; a message larger than this is not compressed, because that would block the lane (the thread of the connection)
// too long.
constexpr std::size_t kLarge = 4 << 20;

// Returns the message in `frame`, and sets `opcode`. Returns an empty text if `frame` must not be compressed. Only an
// unmasked, uncompressed frame with a whole text or binary message may be compressed.
std::string_view message_of(std::string_view frame, Opcode& opcode) {
  if (frame.size() < 2) return {};
  opcode = static_cast<Opcode>(frame[0] & 0x0F);
  if (opcode != Opcode::text && opcode != Opcode::binary) return {};
  const auto length = static_cast<unsigned char>(frame[1]);
  const std::size_t header_size = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (frame.size() < header_size) return {};
  std::string header;
  append_frame_header(header, opcode, frame.size() - header_size);
  return frame.starts_with(header) ? frame.substr(header_size) : std::string_view();
}

}  // namespace

// Normally, remembers the compressed form, because other clients get the same frame. But if only the caller refers to
// the frame, only one client gets it, so there is nothing to remember.
Frame FrameCompressor::compressed_form(const Frame& frame) {
  if (frame->size() < kSmall) return frame;
  if (frame.use_count() == 1) return compress(frame);
  const auto [it, is_new] = forms_.try_emplace(frame.get());
  if (is_new) it->second = {frame, compress(frame)};
  return it->second.compressed;
}

Frame FrameCompressor::compress(const Frame& frame) {
  Opcode opcode = Opcode::text;
  const std::string_view message = message_of(*frame, opcode);
  if (message.size() < kSmall || message.size() > kLarge) return frame;
  const std::string_view payload = deflater_.compress(message);
  if (payload.size() >= message.size()) return frame;
  std::string out;
  out.reserve(payload.size() + 10);
  append_frame_header(out, opcode, payload.size(), true);
  out.append(payload);
  ++compressions_;
  return std::make_shared<const std::string>(std::move(out));
}

}  // namespace resflow
