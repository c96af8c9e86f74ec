// Reads a capture file line by line. Finds out from the content of the file, not from its name, whether and how it is
// compressed. Lines are views of large buffers; a caller that needs a line for longer keeps the buffer. CaptureReader
// uses this class. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace resflow {

class CaptureSource {
 public:
  struct Buffer;

  // Throws CaptureError when the file cannot be opened.
  explicit CaptureSource(std::string path);
  ~CaptureSource();
  CaptureSource(const CaptureSource&) = delete;
  CaptureSource& operator=(const CaptureSource&) = delete;

  // Fetches the next line without its line feed. Returns false at the end. The view stays valid until the next call, or
  // for as long as the caller keeps the pointer that buffer() returns. If the file ends without a line feed, next()
  // returns the bytes before the end as a line, and is_whole() is false. Throws CaptureError when the file cannot be
  // read or decompressed.
  bool next(std::string_view& line);
  bool is_whole() const { return whole_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  // Cuts the line that next() returned last to its first `size` bytes, and puts a closing brace behind them. Does this
  // in place, and returns the new line.
  std::string_view shorten(std::size_t size);

  // Returns the next `bytes` bytes of the file, which next() will still return as lines. Returns nullopt if the file
  // has fewer bytes. Throws as next() does.
  std::optional<std::string_view> ahead(std::size_t bytes);

  std::size_t line_number() const { return line_; }
  const std::string& path() const { return path_; }
  // bytes_read(): how many bytes of the file have been read. size(): how many bytes the file has. Both count bytes as
  // stored on disk, to show progress.
  std::size_t bytes_read() const;
  std::size_t size() const { return size_; }

 private:
  class Bytes;
  class PlainOrGzip;
  class Zstd;

  bool read_more();
  void make_room();
  std::string_view rest() const;

  std::string path_;
  std::size_t size_ = 0;
  std::unique_ptr<Bytes> bytes_;
  std::shared_ptr<Buffer> buffer_;
  std::size_t at_ = 0;    // where the next line begins in the buffer
  char* last_ = nullptr;  // where the line begins that next() returned last
  std::size_t line_ = 0;  // number of the line that next() returned last
  bool whole_ = true;     // the line that next() returned last had a line feed
  bool ended_ = false;
};

}  // namespace resflow
