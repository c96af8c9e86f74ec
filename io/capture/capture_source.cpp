#include "io/capture/capture_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "io/capture/capture_error.hpp"

namespace resflow {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
// Size of zlib's buffer, in bytes. It is smaller than kPiece, the size of each read. So zlib reads an uncompressed file
// directly into the caller's memory, without this buffer.
constexpr unsigned kGzipBuffer = 64 * 1024;
constexpr std::size_t kMaxLine = std::size_t{512} << 20;  // bytes; a longer line or batch is an error

}  // namespace

struct CaptureSource::Buffer {
  explicit Buffer(std::size_t capacity) : bytes(new char[capacity]), capacity(capacity) {}

  std::unique_ptr<char[]> bytes;
  std::size_t capacity;
  std::size_t end = 0;  // how many bytes have been read into the buffer so far
};

// Reads a file and decompresses it. If the compressed data ends too early, that counts as the end of the file and not
// as an error, since a crash may have cut the capture off.
class CaptureSource::Bytes {
 public:
  virtual ~Bytes() = default;
  // Reads at most `room` bytes into `to`, and returns how many it has read. Returns 0 only at the end of the data.
  virtual std::size_t read(char* to, std::size_t room) = 0;
  // Returns how many bytes of the file have been read, before decompression.
  virtual std::size_t position() const = 0;
};

class CaptureSource::PlainOrGzip final : public Bytes {
 public:
  explicit PlainOrGzip(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rbe")) {
    if (file_ == nullptr) throw CaptureError(path + ": " + std::strerror(errno));
    gzbuffer(file_, kGzipBuffer);
  }
  ~PlainOrGzip() override { gzclose_r(file_); }

  std::size_t read(char* to, std::size_t room) override {
    const int n = gzread(file_, to, static_cast<unsigned>(std::min(room, kPiece)));
    if (n < 0) check();
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  std::size_t position() const override { return static_cast<std::size_t>(gzoffset(file_)); }

 private:
  void check() {
    int code = Z_OK;
    const char* text = gzerror(file_, &code);
    if (code == Z_BUF_ERROR) return;  // the data ends too early: no error, since a crash may have cut it off
    throw CaptureError(path_ + ": the compressed data is damaged: " + (code == Z_ERRNO ? std::strerror(errno) : text));
  }

  std::string path_;
  gzFile file_;
};

class CaptureSource::Zstd final : public Bytes {
 public:
  explicit Zstd(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "rbe")), in_(ZSTD_DStreamInSize()), stream_(ZSTD_createDCtx()) {
    if (file_ == nullptr) throw CaptureError(path + ": " + std::strerror(errno));
  }
  ~Zstd() override {
    ZSTD_freeDCtx(stream_);
    std::fclose(file_);
  }

  std::size_t read(char* to, std::size_t room) override {
    ZSTD_outBuffer out{to, room, 0};
    for (bool more = true; more && out.pos == 0;) {
      more = fill();
      // At the end of the file, fill() adds no bytes, but zstd may still return bytes that it has decompressed before.
      const std::size_t result = ZSTD_decompressStream(stream_, &out, &buffer_);
      if (ZSTD_isError(result) != 0) {
        throw CaptureError(path_ + ": the compressed data is damaged: " + ZSTD_getErrorName(result));
      }
    }
    return out.pos;
  }
  std::size_t position() const override { return position_; }

 private:
  bool fill() {
    if (buffer_.pos < buffer_.size) return true;
    const std::size_t n = std::fread(in_.data(), 1, in_.size(), file_);
    buffer_ = ZSTD_inBuffer{in_.data(), n, 0};
    position_ += n;
    return n > 0;
  }

  std::string path_;
  std::FILE* file_;
  std::vector<char> in_;
  ZSTD_inBuffer buffer_{nullptr, 0, 0};
  ZSTD_DCtx* stream_;
  std::size_t position_ = 0;
};

CaptureSource::CaptureSource(std::string path) : path_(std::move(path)), buffer_(std::make_shared<Buffer>(2 * kPiece)) {
  std::error_code ec;
  size_ = static_cast<std::size_t>(std::filesystem::file_size(path_, ec));
  if (ec) throw CaptureError(path_ + ": " + ec.message());
  constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
  char magic[4] = {};
  if (std::FILE* f = std::fopen(path_.c_str(), "rbe")) {
    [[maybe_unused]] const std::size_t n = std::fread(magic, 1, sizeof magic, f);
    std::fclose(f);
  }
  if (std::string_view(magic, sizeof magic) == zstd_magic) {
    bytes_ = std::make_unique<Zstd>(path_);
  } else {
    bytes_ = std::make_unique<PlainOrGzip>(path_);
  }
}

CaptureSource::~CaptureSource() = default;

std::size_t CaptureSource::bytes_read() const {
  return bytes_->position();
}

std::string_view CaptureSource::rest() const {
  return {buffer_->bytes.get() + at_, buffer_->end - at_};
}

bool CaptureSource::read_more() {
  if (ended_) return false;
  if (rest().size() > kMaxLine) throw CaptureError(path_, line_ + 1, "the line is too long for one of a capture");
  make_room();
  const std::size_t n = bytes_->read(buffer_->bytes.get() + buffer_->end, buffer_->capacity - buffer_->end);
  buffer_->end += n;
  ended_ = n == 0;
  return !ended_;
}

// Makes room in the buffer. If fewer than kPiece bytes are free, makes a new buffer, and copies into it the bytes that
// next() has not returned yet. The old buffer stays unchanged, since a caller may still use lines in it.
void CaptureSource::make_room() {
  if (buffer_->capacity - buffer_->end >= kPiece) return;
  const std::string_view left = rest();
  auto next = std::make_shared<Buffer>(2 * (left.size() + kPiece));
  std::memcpy(next->bytes.get(), left.data(), left.size());
  next->end = left.size();
  at_ = 0;
  buffer_ = std::move(next);
}

bool CaptureSource::next(std::string_view& line) {
  std::size_t searched = 0;
  std::size_t size = 0;
  while ((size = rest().find('\n', searched)) == std::string_view::npos) {
    searched = rest().size();
    if (!read_more()) break;
  }
  whole_ = size != std::string_view::npos;
  line = rest().substr(0, size);
  if (!whole_ && line.empty()) {
    whole_ = true;
    return false;
  }
  last_ = buffer_->bytes.get() + at_;
  at_ += line.size() + (whole_ ? 1 : 0);
  ++line_;
  return true;
}

std::string_view CaptureSource::shorten(std::size_t size) {
  last_[size] = '}';
  return {last_, size + 1};
}

std::optional<std::string_view> CaptureSource::ahead(std::size_t bytes) {
  if (bytes > kMaxLine) throw CaptureError(path_, line_, "there are more bytes than a capture has together");
  while (rest().size() < bytes) {
    if (!read_more()) return std::nullopt;
  }
  return rest().substr(0, bytes);
}

}  // namespace resflow
