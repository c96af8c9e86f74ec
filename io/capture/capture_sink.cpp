#include "io/capture/capture_sink.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace resflow {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw std::runtime_error(path + ": " + reason);
}

class File {
 public:
  explicit File(std::string path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
    if (fd_ < 0 && errno == EEXIST) throw FileExists(path_ + ": the file exists already");
    if (fd_ < 0) fail(path_, std::strerror(errno));
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, std::strerror(errno));
      bytes.remove_prefix(static_cast<std::size_t>(n));
      size_ += static_cast<std::uint64_t>(n);
    }
  }
  // Closes the file, and throws if that fails: some file systems report a full disk only when the file is closed.
  void close() {
    const int result = ::close(fd_);
    fd_ = -1;
    if (result != 0) fail(path_, std::strerror(errno));
  }

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }

 private:
  std::string path_;
  int fd_;
  std::uint64_t size_ = 0;
};

class PlainSink final : public CaptureSink {
 public:
  explicit PlainSink(const std::string& path) : file_(path) {}
  void write(std::string_view bytes) override { file_.write(bytes); }
  void flush() override {}
  void close() override { file_.close(); }
  std::uint64_t size() const override { return file_.size(); }

 private:
  File file_;
};

constexpr std::size_t kBuffer = 64 * 1024;

// GzipSink and ZstdSink use their fastest level of compression, since a capture must cost little CPU time. The lines
// are so much alike that higher levels would hardly make the file smaller.
class GzipSink final : public CaptureSink {
 public:
  explicit GzipSink(const std::string& path) : file_(path), buffer_(kBuffer) {
    constexpr int gzip_header = 16;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + gzip_header, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      fail(path, "cannot compress");
    }
  }
  ~GzipSink() override { deflateEnd(&stream_); }

  void write(std::string_view bytes) override { run(bytes, Z_NO_FLUSH); }
  void flush() override { run({}, Z_SYNC_FLUSH); }
  void close() override {
    run({}, Z_FINISH);
    file_.close();
  }
  std::uint64_t size() const override { return file_.size(); }

 private:
  void run(std::string_view bytes, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      if (deflate(&stream_, flush) == Z_STREAM_ERROR) fail(file_.path(), "cannot compress");
      file_.write({reinterpret_cast<const char*>(buffer_.data()), buffer_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  }

  File file_;
  std::vector<Bytef> buffer_;
  z_stream stream_{};
};

class ZstdSink final : public CaptureSink {
 public:
  explicit ZstdSink(const std::string& path) : file_(path), buffer_(ZSTD_CStreamOutSize()), stream_(ZSTD_createCCtx()) {
    if (stream_ == nullptr) fail(path, "cannot compress");
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_checksumFlag, 1);
  }
  ~ZstdSink() override { ZSTD_freeCCtx(stream_); }

  void write(std::string_view bytes) override { run(bytes, ZSTD_e_continue); }
  void flush() override { run({}, ZSTD_e_flush); }
  void close() override {
    run({}, ZSTD_e_end);
    file_.close();
  }
  std::uint64_t size() const override { return file_.size(); }

 private:
  void run(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(stream_, &out, &in, directive);
      if (ZSTD_isError(left) != 0) fail(file_.path(), ZSTD_getErrorName(left));
      file_.write({buffer_.data(), out.pos});
      more = directive == ZSTD_e_continue ? in.pos < in.size : left > 0;
    }
  }

  File file_;
  std::vector<char> buffer_;
  ZSTD_CCtx* stream_;
};

}  // namespace

std::unique_ptr<CaptureSink> open_capture_sink(const std::string& path) {
  if (path.ends_with(".gz")) return std::make_unique<GzipSink>(path);
  if (path.ends_with(".zst")) return std::make_unique<ZstdSink>(path);
  return std::make_unique<PlainSink>(path);
}

}  // namespace resflow
