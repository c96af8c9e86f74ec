#include "io/capture_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "io/capture_error.hpp"

namespace resflow {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kMaxLine = std::size_t{512} << 20;

}  // namespace

// A stream that ends in the middle is no error here: a capture may be cut off.
class CaptureSource::Bytes {
 public:
  virtual ~Bytes() = default;
  // Appends some; false at the end.
  virtual bool read(std::string& to) = 0;
  virtual std::size_t position() const = 0;
};

class CaptureSource::PlainOrGzip final : public Bytes {
 public:
  explicit PlainOrGzip(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rbe")) {
    if (file_ == nullptr) throw CaptureError(path + ": " + std::strerror(errno));
    gzbuffer(file_, kPiece);
  }
  ~PlainOrGzip() override { gzclose_r(file_); }

  bool read(std::string& to) override {
    const std::size_t before = to.size();
    to.resize(before + kPiece);
    const int n = gzread(file_, to.data() + before, kPiece);
    to.resize(before + static_cast<std::size_t>(n < 0 ? 0 : n));
    if (n < 0) check();
    return n > 0;
  }
  std::size_t position() const override { return static_cast<std::size_t>(gzoffset(file_)); }

 private:
  void check() {
    int code = Z_OK;
    const char* text = gzerror(file_, &code);
    if (code == Z_BUF_ERROR) return;  // cut off
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

  bool read(std::string& to) override {
    const std::size_t before = to.size();
    to.resize(before + kPiece);
    ZSTD_outBuffer out{to.data() + before, kPiece, 0};
    for (bool more = true; more && out.pos == 0;) {
      more = fill();
      const std::size_t result = ZSTD_decompressStream(stream_, &out, &buffer_);  // without input, what it still has
      if (ZSTD_isError(result) != 0) {
        throw CaptureError(path_ + ": the compressed data is damaged: " + ZSTD_getErrorName(result));
      }
    }
    to.resize(before + out.pos);
    return out.pos > 0;
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

CaptureSource::CaptureSource(std::string path) : path_(std::move(path)) {
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

bool CaptureSource::read_more() {
  if (ended_) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  if (buffer_.size() > kMaxLine) throw CaptureError(path_, line_ + 1, "the line is too long for one of a capture");
  ended_ = !bytes_->read(buffer_);
  return !ended_;
}

bool CaptureSource::next(std::string_view& line) {
  std::size_t searched = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      line = std::string_view(buffer_).substr(at_, end - at_);
      at_ = end + 1;
      ++line_;
      return true;
    }
    const std::size_t known = buffer_.size() - at_;
    if (!read_more()) break;
    searched = at_ + known;
  }
  if (at_ == buffer_.size()) return false;
  line = std::string_view(buffer_).substr(at_);
  at_ = buffer_.size();
  ++line_;
  whole_ = false;
  return true;
}

}  // namespace resflow
