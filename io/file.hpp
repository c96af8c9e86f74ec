// Small files, whole. Any thread.
#pragma once

#include <cstddef>
#include <string>

namespace resflow {

inline constexpr std::size_t kMaxSmallFile = 1 << 20;  // a larger one is none of those we want

// Throws std::runtime_error: the path and the reason.
std::string read_file(const std::string& path);

}  // namespace resflow
