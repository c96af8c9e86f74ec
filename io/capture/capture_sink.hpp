// Where the bytes of a capture go: a new file, plain or compressed by the ending of its name (.gz, .zst). What has been
// flushed can be read even when the file ends there.
//
// One thread. Errors: std::runtime_error, with the path and the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace resflow {

class CaptureSink {
 public:
  virtual ~CaptureSink() = default;

  virtual void write(std::string_view bytes) = 0;
  virtual void flush() = 0;
  // Ends the file. What is destroyed without has no proper end.
  virtual void close() = 0;
  // That have reached the file.
  virtual std::uint64_t size() const = 0;
};

struct FileExists : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Only the user may read the file. One that is there already is FileExists: it may be somebody's capture.
std::unique_ptr<CaptureSink> open_capture_sink(const std::string& path);

}  // namespace resflow
