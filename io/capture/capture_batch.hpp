// The lines that a lane hands over together, a turn with its inputs, have one line ahead of them: how many bytes they
// are, and their checksum. It is as long whatever it says, so that it is written when the lines are.
//
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace resflow {

inline constexpr std::size_t kBatchLineSize = 46;  // with its end

struct CaptureBatch {
  std::size_t bytes = 0;
  std::uint64_t sum = 0;
};

// Writes the line for these lines, of less than 10 GB, to where there is room for it.
void put_batch_line(char* to, std::string_view lines);

// Reads the line, without its end; nullopt when it is another one, or differs in one byte from what is written.
std::optional<CaptureBatch> parse_batch_line(std::string_view line);

// Whether these are the lines.
bool is_sound(const CaptureBatch& batch, std::string_view lines);

}  // namespace resflow
