// The format of a log line.
#pragma once

#include <cstdint>

namespace resflow {

enum class LogFormat : std::uint8_t {
  text,  // the style of Resgate
  json,  // one JSON object per line
};

}  // namespace resflow
