// The exception for a capture that cannot be read. Its text says what is wrong and, if this is known, in which file and
// line.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace resflow {

class CaptureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  CaptureError(const std::string& file, std::size_t line, const std::string& what)
      : std::runtime_error(file + ':' + std::to_string(line) + ": " + what) {}
};

}  // namespace resflow
