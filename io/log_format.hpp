// The format of a log line.
#pragma once

#include <cstdint>

namespace resflow {

enum class LogFormat : std::uint8_t {
  text,  // for example: `2026/01/31 12:00:00.000000 [INF] text`
  json,  // one JSON object per line
};

}  // namespace resflow
