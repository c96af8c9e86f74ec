// Reads a capture file line by line for CaptureReader. Decompresses the file if its content is compressed, whatever its
// name is. Each line is a view of a large buffer, valid until the next call of next() or ahead(). A caller that needs a
// line for longer keeps the shared_ptr to that buffer, which buffer() returns. All functions must be called on one
// thread.
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

  // Stores the next line, without its line feed, in `line`. Returns false at the end of the file. If the last line has
  // no line feed, it is returned all the same, and is_whole() then returns false. The view is valid until the next call
  // of next() or ahead(), or for as long as the caller keeps the pointer that buffer() returns. Throws CaptureError if
  // the file cannot be read or decompressed.
  bool next(std::string_view& line);
  bool is_whole() const { return whole_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  // Removes the end of the line that next() returned last: keeps its first `size` bytes, and puts a closing brace
  // behind them. Returns a view of the new line. Used to remove a checksum. Changes the bytes in the buffer.
  std::string_view shorten(std::size_t size);

  // Returns the next `bytes` bytes of the file without consuming them: next() will still return them as lines. Returns
  // nullopt if the file has fewer bytes left. Throws CaptureError if the file cannot be read or decompressed.
  std::optional<std::string_view> ahead(std::size_t bytes);

  std::size_t line_number() const { return line_; }
  const std::string& path() const { return path_; }
  // bytes_read(): how many bytes of the file have been read so far. size(): how many bytes the whole file has. Both
  // count bytes before decompression. They serve to show progress.
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
  char* last_ = nullptr;  // the beginning of the line that next() returned last
  std::size_t line_ = 0;  // number of the line that next() returned last
  bool whole_ = true;     // true: the line that next() returned last had a line feed
  bool ended_ = false;
};

}  // namespace resflow
