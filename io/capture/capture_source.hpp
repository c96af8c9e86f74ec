// Reads a capture file line by line, plain or compressed, as its content shows, whatever its name. Lines are views of
// large buffers; a caller that needs a line for longer keeps the buffer. Used by CaptureReader. One thread.
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
  // for as long as the caller keeps buffer(). A last line without a line feed is returned as well; then is_whole() is
  // false. Throws CaptureError when the file cannot be read or decompressed.
  bool next(std::string_view& line);
  bool is_whole() const { return whole_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  // Returns the last line cut to its first `size` bytes, with a closing brace behind them. Changes the line in place.
  std::string_view shorten(std::size_t size);

  // Returns the next bytes without passing over them: next() still returns their lines. Returns nullopt if the file has
  // fewer. Throws as above.
  std::optional<std::string_view> ahead(std::size_t bytes);

  std::size_t line_number() const { return line_; }
  const std::string& path() const { return path_; }
  // Bytes read so far, and size of the file, both as stored on disk, to show progress.
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
  char* last_ = nullptr;  // where the last line begins
  std::size_t line_ = 0;  // number of the last line
  bool whole_ = true;     // the last line ended with a line feed
  bool ended_ = false;
};

}  // namespace resflow
