// The batch line, which is ahead of each batch in a capture file. Here a batch is the lines that a lane hands over
// together: one turn with its inputs. The batch line gives the size and the checksum (XXH3) of the batch. The batch
// line always has the same length, so CaptureLines leaves room for it, and writes it when the batch is complete.
//
// CaptureReader reads batch lines. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace resflow {

inline constexpr std::size_t kBatchLineSize = 46;  // bytes, with the line feed

struct CaptureBatch {
  std::size_t bytes = 0;
  std::uint64_t sum = 0;  // XXH3 of the lines, 64 bits
};

// Writes the batch line for the batch `lines` to `to`, where there must be room for kBatchLineSize bytes. The batch
// must have less than 10 GB.
void put_batch_line(char* to, std::string_view lines);

// Reads a batch line, given without its line feed. Returns nullopt if `line` is of another kind, or differs in any byte
// from what put_batch_line() writes.
std::optional<CaptureBatch> parse_batch_line(std::string_view line);

// Returns whether these lines have the size and the checksum of the batch, and end with a line feed.
bool is_sound(const CaptureBatch& batch, std::string_view lines);

}  // namespace resflow
