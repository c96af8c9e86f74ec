// Cuts an input into parts, as a network does, so that a fuzz target can check that its result does not depend on the
// cuts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace resflow::fuzz {

// Returns the bytes of an input part by part. The sizes of the parts follow from a seed: mostly few bytes, sometimes
// many.
class Cuts {
 public:
  Cuts(std::string_view bytes, std::uint32_t seed) : bytes_(bytes), state_(seed * 2 + 1) {}

  bool done() const { return bytes_.empty(); }
  std::string_view next() {
    state_ = state_ * 1'664'525 + 1'013'904'223;
    const std::uint32_t number = state_ >> 16;
    const std::size_t wanted = number % 8 == 0 ? 1 + number % 997 : 1 + number % 7;
    const std::string_view piece = bytes_.substr(0, wanted);
    bytes_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view bytes_;
  std::uint32_t state_;
};

// The input of a fuzz target: the first byte chooses a variant, the second byte is the seed of the cuts, and the rest
// is text.
struct Input {
  Input(const std::uint8_t* data, std::size_t size) {
    if (size > 0) variant = data[0];
    if (size > 1) seed = data[1];
    const std::size_t head = std::min<std::size_t>(size, 2);
    text = {reinterpret_cast<const char*>(data) + head, size - head};
  }

  std::uint8_t variant = 0;
  std::uint8_t seed = 0;
  std::string_view text;
};

// Ends the process if the condition is false, so that the fuzzer keeps the input.
inline void demand(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace resflow::fuzz
