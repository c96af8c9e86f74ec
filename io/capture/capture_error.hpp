// The exception for a capture file that cannot be read. Its text says what is wrong, and names the file and the line if
// they are known.
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
