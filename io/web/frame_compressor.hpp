// Compresses frames for clients that have agreed on compression. A frame that goes to many clients is compressed only
// once: this object remembers the compressed form, and finds it by the memory address of the original frame. The web
// server calls forget() in the loop iteration after each compression, so compressed forms use memory only for a short
// time. Only one thread at a time may use an object.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "io/web/deflate.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

class FrameCompressor {
 public:
  // Returns the frame with its message compressed. Some frames are returned as they are: control frames (RFC 7692,
  // section 6.1), frames whose message is small, very large or compressed already, and frames that compression does not
  // make smaller.
  Frame compressed_form(const Frame& frame);

  // Forgets all compressed forms. Until this call, they and their original frames stay in memory.
  void forget() { forms_.clear(); }
  // Returns true if this object remembers a compressed form.
  bool remembers() const { return !forms_.empty(); }

  // Returns how many frames this object has compressed so far.
  std::uint64_t compressions() const { return compressions_; }

 private:
  struct Forms {
    Frame plain;  // keeps the frame alive, so that no other frame gets its memory address
    Frame compressed;
  };

  Frame compress(const Frame& frame);

  Deflater deflater_;
  std::unordered_map<const std::string*, Forms> forms_;
  std::uint64_t compressions_ = 0;
};

}  // namespace resflow
