// Reads a capture file line by line, plain or compressed (by its content, whatever its name). Lines are views of large
// buffers, which whoever needs them longer keeps. One thread.
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

  // The next line without its end, in place until the next call, or as long as the buffer is kept; false when there is
  // none. A line that does not end comes as well: is_whole() says so. Throws CaptureError for what cannot be read or
  // decompressed.
  bool next(std::string_view& line);
  bool is_whole() const { return whole_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  // The line that came last, with a brace for all behind its first `size` bytes.
  std::string_view shorten(std::size_t size);

  // The next bytes, which are still to come as lines; nullopt when there are not so many. Throws as above.
  std::optional<std::string_view> ahead(std::size_t bytes);

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
  void make_room();
  std::string_view rest() const;

  std::string path_;
  std::size_t size_ = 0;
  std::unique_ptr<Bytes> bytes_;
  std::shared_ptr<Buffer> buffer_;
  std::size_t at_ = 0;    // of the next line in it
  char* last_ = nullptr;  // the line that came last
  std::size_t line_ = 0;
  bool whole_ = true;
  bool ended_ = false;
};

}  // namespace resflow
