// WebSocket frames (RFC 6455) on the client side: makes the frames for the server, and reads the frames from the
// server. No I/O; each connection has a FrameReader of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "nodes/protocol/websocket.hpp"
#include "tools/bench/errors.hpp"

namespace resflow::bench {

// Appends a complete frame to `out`. A client must mask the payload: XOR it with a key that the client chooses (RFC
// 6455, section 5.3). The key here is zero. So the payload stays as it is, which saves time.
void append_client_frame(std::string& out, Opcode op, std::string_view payload);

// Splits the bytes from a server into WebSocket messages. The bytes may arrive in pieces of any size. A message that
// arrives in one piece is not copied.
class FrameReader {
 public:
  static constexpr std::size_t kMaxMessage = std::size_t{1} << 28;

  // Takes further bytes from the server. Calls f(Opcode, std::string_view payload) for each message and control frame
  // that is now complete. The view is valid only during the call. Throws RunError if the server breaks the WebSocket
  // protocol, or if a message is larger than kMaxMessage.
  template <typename F>
  void feed(std::string_view bytes, F&& f) {
    while (!kept_.empty() && !bytes.empty()) complete_kept(bytes, f);
    while (!bytes.empty()) {
      const Frame frame = read_header(bytes);
      if (frame.size == 0 || frame.size > bytes.size()) return keep(frame, bytes);
      message(frame, bytes.substr(frame.header, frame.size - frame.header), f);
      bytes.remove_prefix(frame.size);
    }
  }

 private:
  struct Frame {
    std::size_t size = 0;  // size of the frame in bytes, with its header; 0: the header is incomplete
    std::size_t header = 0;
    Opcode op = Opcode::text;
    bool fin = true;
  };

  // Moves bytes from the start of `bytes` to the incomplete frame in kept_. If the frame is then complete, processes
  // it. While the header of the frame is incomplete, one call moves one byte. After that, one call moves as many of the
  // missing bytes as `bytes` has.
  template <typename F>
  void complete_kept(std::string_view& bytes, F&& f) {
    const std::size_t lacking = wanted_ == 0 ? 1 : wanted_ - kept_.size();
    const std::size_t n = std::min(lacking, bytes.size());
    kept_.append(bytes.substr(0, n));
    bytes.remove_prefix(n);
    const Frame frame = read_header(kept_);
    wanted_ = frame.size;
    if (frame.size == 0 || frame.size > kept_.size()) return;
    const std::string whole = std::exchange(kept_, {});
    message(frame, std::string_view(whole).substr(frame.header), f);
  }

  void keep(const Frame& frame, std::string_view bytes) {
    wanted_ = frame.size;
    kept_.reserve(frame.size);
    kept_.assign(bytes);
  }

  template <typename F>
  void message(const Frame& frame, std::string_view payload, F&& f) {
    const bool control = frame.op == Opcode::close || frame.op == Opcode::ping || frame.op == Opcode::pong;
    if (control || (frame.fin && frame.op != Opcode::continuation)) return f(frame.op, payload);
    add_fragment(frame, payload);
    if (!frame.fin) return;
    const std::string whole = std::move(fragments_);
    fragments_.clear();
    f(first_, std::string_view(whole));
  }

  static Frame read_header(std::string_view bytes);
  void add_fragment(const Frame& frame, std::string_view payload);

  std::string kept_;        // the start of an incomplete frame
  std::size_t wanted_ = 0;  // size of the frame in kept_, in bytes; 0: not known yet
  // The start of a message that comes in several fragments: the payloads that have arrived so far.
  std::string fragments_;
  Opcode first_ = Opcode::text;  // the opcode of the message in fragments_
};

}  // namespace resflow::bench
