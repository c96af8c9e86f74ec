// Writes the bytes of a capture (a recording of the gateway's traffic) to a new file. The file is compressed if its
// name ends in .gz or .zst. After flush(), a reader can read all bytes that were written before, even if the file ends
// there without close().
//
// Used only on the writing thread of CaptureFile. Errors: std::runtime_error, with the path and the reason.
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
  // Closes the file. If the file is compressed, first writes the end of the compressed data.
  virtual void close() = 0;
  // Returns how many bytes have reached the file, after compression.
  virtual std::uint64_t size() const = 0;
};

struct FileExists : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Creates a file that only its owner may read and write. Throws FileExists if there is a file at this path already: it
// may be a capture that somebody needs, so it is never overwritten.
std::unique_ptr<CaptureSink> open_capture_sink(const std::string& path);

}  // namespace resflow
