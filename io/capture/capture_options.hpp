// What an operator wants to be captured, and where to. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace resflow {

struct CaptureOptions {
  std::string path;          // of the capture from the start; empty: none
  std::string folder = ".";  // for those on demand
  bool redact = false;       // those on demand always are
  std::uint64_t part_bytes = 0;
  std::int64_t part_seconds = 0;
  unsigned keep_parts = 0;
};

}  // namespace resflow
