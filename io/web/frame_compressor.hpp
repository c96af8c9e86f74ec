// The compressed twin of a frame, made once however many clients get it. It is found again by the frame's identity, for
// as long as frames of one turn of the loop are being sent. One thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "io/web/deflate.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

class FrameCompressor {
 public:
  // The frame with its message compressed; the frame itself where that is of no use, or not allowed: small messages,
  // very large ones, what is compressed already, control frames (RFC 7692, section 6.1).
  Frame twin(const Frame& frame);

  // The end of the turn. Until then the frames it was given stay in memory, as they do in the outboxes they came from.
  void forget() { twins_.clear(); }
  bool remembers() const { return !twins_.empty(); }

  std::uint64_t compressions() const { return compressions_; }

 private:
  struct Twin {
    Frame plain;  // so that no other frame gets its address
    Frame compressed;
  };

  Frame compress(const Frame& frame);

  Deflater deflater_;
  std::unordered_map<const std::string*, Twin> twins_;
  std::uint64_t compressions_ = 0;
};

}  // namespace resflow
