#include "io/web/deflate.hpp"

#include <array>
#include <new>

namespace resflow {
namespace {

// The windowBits of zlib. The minus sign means: no header and no trailer. 15 stands for the largest window (32 KiB). A
// client that accepts only a smaller window gets uncompressed messages (deflate_offer.cpp).
constexpr int kRawWindow = -15;
constexpr int kMemory = 8;  // zlib's memLevel (how much memory it uses); 8 is its default
// In bytes. If the output buffer has become larger than this for an earlier message, compress() frees it before it
// compresses the next message.
constexpr std::size_t kKept = 256 * 1024;
// Bytes of room in the output buffer for the flush at the end of each message. zlib writes at most deflateBound() bytes
// for the message, and fewer than kFlush bytes for the flush.
constexpr std::size_t kFlush = 16;
// After a flush, the output of zlib always ends with these four bytes. The sender of a message leaves them out, and the
// receiver adds them again (RFC 7692, sections 7.2.1 and 7.2.2).
constexpr std::string_view kTail("\0\0\xFF\xFF", 4);

// Gives the bytes to zlib as its input. The cast is safe: zlib does not change its input, although next_in is
// not const.
void take(z_stream& stream, std::string_view bytes) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

}  // namespace

// Uses the fastest level of zlib. The other levels take two to five times as long, and make the result a quarter
// smaller at best.
Deflater::Deflater() {
  if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kRawWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Deflater::~Deflater() {
  deflateEnd(&stream_);
}

std::string_view Deflater::compress(std::string_view message) {
  deflateReset(&stream_);
  take(stream_, message);
  if (out_.size() > kKept) out_ = std::string();
  out_.resize(deflateBound(&stream_, stream_.avail_in) + kFlush);
  stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
  stream_.avail_out = static_cast<uInt>(out_.size());
  deflate(&stream_, Z_SYNC_FLUSH);
  return std::string_view(out_).substr(0, out_.size() - stream_.avail_out - kTail.size());
}

Inflater::Inflater() {
  if (inflateInit2(&stream_, kRawWindow) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(&stream_);
}

Inflater::Result Inflater::expand(std::string_view payload, std::size_t max_size, std::string& out) {
  inflateReset(&stream_);
  Result result = feed(payload, max_size, out);
  if (result == Result::done) result = feed(kTail, max_size, out);
  // zlib sets this bit of data_type if it has read the payload up to the end of a deflate block. If the bit is not set,
  // the end of the payload is missing.
  constexpr int at_block = 128;
  if (result == Result::done && (stream_.data_type & at_block) == 0) return Result::corrupt;
  return result;
}

Inflater::Result Inflater::feed(std::string_view bytes, std::size_t max_size, std::string& out) {
  std::array<char, 16 * 1024> part;
  take(stream_, bytes);
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(part.data());
    stream_.avail_out = static_cast<uInt>(part.size());
    const int status = inflate(&stream_, Z_SYNC_FLUSH);
    const std::size_t size = part.size() - stream_.avail_out;
    if (size > max_size - out.size()) return Result::too_large;
    out.append(part.data(), size);
    if (status == Z_STREAM_END) {
      inflateReset(&stream_);  // a block marked as the last one may be followed by another (RFC 7692, 7.2.3.4)
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return Result::corrupt;
    }
  } while (stream_.avail_in > 0 || stream_.avail_out == 0);
  return Result::done;
}

}  // namespace resflow
