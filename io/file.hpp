// Reads small files as a whole. Any thread.
#pragma once

#include <cstddef>
#include <string>

namespace resflow {

inline constexpr std::size_t kMaxSmallFile = 1 << 20;  // bytes; read_file() refuses a larger file

// Returns the content of the file. Throws std::runtime_error with the path and the reason if it cannot be read.
std::string read_file(const std::string& path);

}  // namespace resflow
