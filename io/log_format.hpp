// What a line of the log looks like.
#pragma once

#include <cstdint>

namespace resflow {

enum class LogFormat : std::uint8_t {
  text,  // as Resgate writes it
  json,  // one object a line
};

}  // namespace resflow
