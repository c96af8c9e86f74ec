// Reads a capture file line by line, plain or compressed (by its content, whatever its name). One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace resflow {

class CaptureSource {
 public:
  // Throws CaptureError when the file cannot be opened.
  explicit CaptureSource(std::string path);
  ~CaptureSource();
  CaptureSource(const CaptureSource&) = delete;
  CaptureSource& operator=(const CaptureSource&) = delete;

  // The next line without its end, in place until the next call; false when there is none. A line that does not end
  // comes as well: is_whole() says so. Throws CaptureError for what cannot be read or decompressed.
  bool next(std::string_view& line);
  bool is_whole() const { return whole_; }

  std::size_t line_number() const { return line_; }
  const std::string& path() const { return path_; }
  // Of the file, compressed or not, for who shows progress.
  std::size_t bytes_read() const;
  std::size_t size() const { return size_; }

 private:
  class Bytes;
  class PlainOrGzip;
  class Zstd;

  bool read_more();

  std::string path_;
  std::size_t size_ = 0;
  std::unique_ptr<Bytes> bytes_;
  std::string buffer_;
  std::size_t at_ = 0;  // of the next line in it
  std::size_t line_ = 0;
  bool whole_ = true;
  bool ended_ = false;
};

}  // namespace resflow
