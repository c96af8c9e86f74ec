// The batch line, which precedes each batch of lines in a capture file. A batch is the lines that a lane (a thread of
// the gateway) hands to the file together: the inputs and outputs of one turn (one run of the lane). The batch line has
// the size and the checksum (XXH3) of the batch.
//
// CaptureLines leaves room for the batch line, and fills it in when the batch is complete. This is possible since all
// batch lines have the same length. CaptureReader reads batch lines. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace resflow {

inline constexpr std::size_t kBatchLineSize = 46;  // bytes, including the line feed

struct CaptureBatch {
  std::size_t bytes = 0;
  std::uint64_t sum = 0;  // checksum of the batch's lines: XXH3 with 64 bits
};

// Writes the batch line for the batch `lines` to `to`, where there must be room for kBatchLineSize bytes. The batch
// must have less than 10 GB, since the batch line has room for ten digits.
void put_batch_line(char* to, std::string_view lines);

// Reads a batch line; `line` must not contain the line feed. Returns nullopt if `line` is not exactly as
// put_batch_line() writes it.
std::optional<CaptureBatch> parse_batch_line(std::string_view line);

// Returns whether `lines` are undamaged: they have the size and the checksum that `batch` says, and end with a line
// feed.
bool is_sound(const CaptureBatch& batch, std::string_view lines);

}  // namespace resflow
