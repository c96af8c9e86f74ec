// The batch line in the file of a capture (a recording of the gateway's traffic). The file consists of batches: each
// time a lane (a thread of the gateway) has processed its waiting inputs, it adds all lines about these inputs and
// their outputs as one batch. A batch line stands before each batch. It has the batch's size and checksum (XXH3), so
// that a reader can find damage.
//
// CaptureLines leaves room for the batch line, and fills it in when the batch is complete. This works because all batch
// lines have the same length. CaptureReader reads batch lines. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace resflow {

// Length of a batch line in bytes, line feed included. A batch line stands before each batch of lines, and has the size
// and the checksum of the batch.
inline constexpr std::size_t kBatchLineSize = 46;

struct CaptureBatch {
  std::size_t bytes = 0;
  std::uint64_t sum = 0;  // checksum of the batch's lines: XXH3 with 64 bits
};

// Writes the batch line for the batch `lines` to `to`, where there must be room for kBatchLineSize bytes. A batch line
// has the size and the checksum of a batch of lines. It has ten digits for the size, so the batch must be smaller than
// 10^10 bytes.
void put_batch_line(char* to, std::string_view lines);

// Reads a batch line; `line` must not contain the line feed. Returns nullopt if the line is not exactly as
// put_batch_line() would write it.
std::optional<CaptureBatch> parse_batch_line(std::string_view line);

// Returns whether `lines` are undamaged: they have the size and the checksum that `batch` says, and end with a line
// feed.
bool is_sound(const CaptureBatch& batch, std::string_view lines);

}  // namespace resflow
