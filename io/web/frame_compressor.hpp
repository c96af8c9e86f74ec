// Compresses frames for clients that have agreed on compression. A frame that goes to many clients is compressed only
// once: its compressed twin is found again by the address of the frame, until the web server calls forget() at the end
// of a loop iteration. One thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "io/web/deflate.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

class FrameCompressor {
 public:
  // Returns the frame with its message compressed. Returns the frame itself if compression is of no use or not allowed:
  // for small messages, very large ones, compressed ones, and control frames (RFC 7692, section 6.1).
  Frame twin(const Frame& frame);

  // Forgets all twins. Until then this object keeps the frames in memory, as the outboxes do that they came from.
  void forget() { twins_.clear(); }
  // Returns true if there are twins to forget.
  bool remembers() const { return !twins_.empty(); }

  // Returns how many frames were compressed.
  std::uint64_t compressions() const { return compressions_; }

 private:
  struct Twin {
    Frame plain;  // keeps the frame alive, so that no other frame gets its address
    Frame compressed;
  };

  Frame compress(const Frame& frame);

  Deflater deflater_;
  std::unordered_map<const std::string*, Twin> twins_;
  std::uint64_t compressions_ = 0;
};

}  // namespace resflow
