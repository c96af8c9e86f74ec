// The line ahead of each batch in a capture file. A batch is the lines that a lane hands over together: one turn with
// its inputs. This line gives the size of the batch and its checksum (XXH3). It always has the same length, so the
// writer leaves room for it and fills it in when the batch is complete.
//
// Written by CaptureLines, read by CaptureReader. No state; any thread.
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

// Writes the line for the batch `lines` to `to`, where there must be room for kBatchLineSize bytes. The batch must have
// less than 10 GB.
void put_batch_line(char* to, std::string_view lines);

// Reads such a line, given without its line feed. Returns nullopt if it is another kind of line, or differs in any byte
// from what put_batch_line() writes.
std::optional<CaptureBatch> parse_batch_line(std::string_view line);

// Returns whether these lines have the size and the checksum of the batch, and end with a line feed.
bool is_sound(const CaptureBatch& batch, std::string_view lines);

}  // namespace resflow
