// WebSocket frames (RFC 6455) as a client sees them: text out, the server's frames in. Pure; one reader a connection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "nodes/protocol/websocket.hpp"
#include "tools/bench/errors.hpp"

namespace resflow::bench {

// Appends a whole frame. Its mask is zero, which the protocol allows and costs nothing: it guards proxies, not servers.
void append_client_frame(std::string& out, Opcode op, std::string_view payload);

// Takes the bytes of a server, cut anywhere, apart into messages. Work is linear in the bytes; what came whole is not
// copied.
class FrameReader {
 public:
  static constexpr std::size_t kMaxMessage = std::size_t{1} << 28;

  // Calls f(Opcode, std::string_view payload) for each message and control frame; the view lives as long as the call.
  // Throws RunError when the server breaks the protocol.
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
    std::size_t size = 0;  // with its header; 0: the header is not whole
    std::size_t header = 0;
    Opcode op = Opcode::text;
    bool fin = true;
  };

  // Only what the kept frame lacks is copied: byte by byte until its header tells how much that is.
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

  std::string kept_;        // the start of a frame that is not whole
  std::size_t wanted_ = 0;  // bytes of that frame; 0: not known yet
  std::string fragments_;
  Opcode first_ = Opcode::text;  // of the fragments
};

}  // namespace resflow::bench
