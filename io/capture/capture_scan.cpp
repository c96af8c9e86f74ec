#include "io/capture/capture_scan.hpp"

#include <emmintrin.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <memory>

#include "nodes/protocol/json.hpp"

namespace resflow {

namespace {

constexpr std::size_t kBlock = 16;
// Scan::string() returns false if the rest of the line has more than kMost bytes. The slower reader then reads the
// line. string() needs a buffer (Scratch) for the whole rest of the line, so this limit keeps the buffer small.
constexpr std::size_t kMost = 1 << 20;

// Looks at 16 bytes and returns a mask. A bit of the mask is 1 if the byte at the same index is special: a quote, a
// backslash, a control character, or not ASCII.
unsigned special(const char* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // Finds control characters. Also finds bytes from 0x80 on, since they are negative in this signed comparison.
  const __m128i odd = _mm_cmpgt_epi8(_mm_set1_epi8(0x20), bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quote, backslash))));
}

// A buffer for decoding strings. It serves one string at a time; its memory is kept for the next string.
class Scratch {
 public:
  char* room(std::size_t size) {
    if (size > size_) {
      bytes_ = std::make_unique_for_overwrite<char[]>(2 * size);
      size_ = 2 * size;
    }
    return bytes_.get();
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

class Scan {
 public:
  explicit Scan(std::string_view text) : p_(text.data()), end_(p_ + text.size()) {}

  template <std::size_t N>
  bool literal(const char (&text)[N]) {
    if (left() < N - 1 || std::memcmp(p_, text, N - 1) != 0) return false;
    p_ += N - 1;
    return true;
  }

  template <typename Number>
  bool number(Number& n) {
    if (left() == 0 || *p_ < '0' || *p_ > '9' || (*p_ == '0' && left() > 1 && p_[1] >= '0' && p_[1] <= '9')) {
      return false;
    }
    const auto [end, error] = std::from_chars(p_, end_, n);
    p_ = end;
    return error == std::errc();
  }

  template <typename Tag>
  bool number(Id<Tag>& id) {
    std::uint64_t n = 0;
    if (!number(n)) return false;
    id = Id<Tag>::from(n);
    return true;
  }

  // Reads a connection id in quotes, such as "12.3" (slot and generation).
  bool conn(ConnId& conn) {
    return literal("\"") && number(conn.slot) && literal(".") && number(conn.generation) && literal("\"");
  }

  // Reads a string with its quotes. Returns false if the string has characters that are not ASCII, or escapes other
  // than \" and \\. Such strings need the slower reader.
  bool string(std::string& to) {
    if (left() > kMost || !literal("\"")) return false;
    static thread_local Scratch scratch;
    char* const begin = scratch.room(left() + kBlock);
    char* out = begin;
    for (;;) {
      pass_plain(out);
      if (left() < 2) return false;
      const char c = *p_++;
      if (c == '"') break;
      if (c != '\\' || (*p_ != '"' && *p_ != '\\')) return false;
      *out++ = *p_++;
    }
    to.assign(begin, out);
    return true;
  }

  // Skips any JSON value. Returns false if there is no valid JSON value.
  bool value() {
    json::Cursor cursor(std::string_view(p_, left()));
    const std::string_view value = cursor.value();
    p_ = value.data() + value.size();
    return !cursor.failed();
  }

  // Reads the end of a line: the fields `inside` and `lane`, if they are there, and the closing brace.
  bool finish(CaptureRecord& record) {
    if (literal(R"(,"inside":true)")) record.inside = true;
    unsigned lane = 0;
    if (literal(R"(,"lane":)") && (!number(lane) || lane >= kMaxLanes)) return false;
    record.lane = static_cast<LaneId>(lane);
    return literal("}") && left() == 0;
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - p_); }

  // Copies characters to `out`, up to the next quote, backslash or other special character. Always copies 16 bytes at a
  // time, so `out` needs room for 16 bytes more than are used.
  void pass_plain(char*& out) {
    while (left() >= kBlock) {
      std::memcpy(out, p_, kBlock);
      const unsigned found = special(p_);
      const int plain = found == 0 ? int{kBlock} : std::countr_zero(found);
      out += plain;
      p_ += plain;
      if (found != 0) return;
    }
    while (p_ != end_ && *p_ >= 0x20 && *p_ != '"' && *p_ != '\\') *out++ = *p_++;
  }

  const char* p_;
  const char* const end_;
};

bool scan_frame(Scan scan, CaptureRecord& record) {
  auto& m = std::get<ClientText>(record.what.emplace<ParseIn>(ClientText{}));
  if (!scan.conn(m.conn) || !scan.literal(R"(,"text":)") || !scan.string(m.text) || !scan.finish(record)) return false;
  m.conn.lane = record.lane;
  return true;
}

bool scan_reply(Scan scan, CaptureRecord& record) {
  auto& m = record.what.emplace<ServiceReply>();
  return scan.number(m.id) && scan.literal(R"(,"payload":)") && scan.string(m.payload) && scan.finish(record);
}

bool scan_message(Scan scan, CaptureRecord& record) {
  auto& m = record.what.emplace<ServiceMessage>();
  return scan.number(m.handle) && scan.literal(R"(,"subject":)") && scan.string(m.subject) &&
         scan.literal(R"(,"payload":)") && scan.string(m.payload) && scan.finish(record);
}

bool scan_turn(Scan scan, CaptureRecord& record) {
  auto& turn = record.what.emplace<CaptureTurn>();
  return scan.number(turn.now) && scan.literal(R"(,"us":)") && scan.number(turn.us) && scan.finish(record);
}

bool scan_send(Scan scan, CaptureRecord& record) {
  record.what = CaptureOut{"send"};
  return scan.value() && scan.literal(R"(,"to":)") && scan.value() && scan.finish(record) && !record.inside;
}

bool scan_request(Scan scan, CaptureRecord& record) {
  record.what = CaptureOut{"request"};
  if (!scan.value() || !scan.literal(R"(,"subject":)") || !scan.value()) return false;
  if (scan.literal(R"(,"payload":)") && !scan.value()) return false;
  return scan.finish(record) && !record.inside;
}

// Returns the number of the lane, which is the last field of the line; 0 if the line has no such field.
LaneId lane_at_end(std::string_view text) {
  constexpr std::string_view name = R"(,"lane":)";
  constexpr std::size_t most = 2;  // digits of the number of a lane
  std::size_t at = text.size() - 1;
  while (at > text.size() - 1 - most && text[at - 1] >= '0' && text[at - 1] <= '9') --at;
  if (!text.substr(0, at).ends_with(name)) return 0;
  unsigned lane = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), lane);
  return static_cast<LaneId>(lane);
}

}  // namespace

bool scan_output(std::string_view text, CaptureRecord& record) {
  if (text.starts_with(R"({"out":"send",)")) {
    record.what = CaptureOut{"send"};
  } else if (text.starts_with(R"({"out":"request",)")) {
    record.what = CaptureOut{"request"};
  } else {
    return false;
  }
  record.inside = false;
  record.lane = lane_at_end(text);
  return record.lane < kMaxLanes;
}

bool scan_record(std::string_view text, CaptureRecord& record) {
  Scan scan(text);
  if (scan.literal(R"({"in":")")) {
    if (scan.literal(R"(frame","conn":)")) return scan_frame(scan, record);
    if (scan.literal(R"(reply","id":)")) return scan_reply(scan, record);
    return scan.literal(R"(message","handle":)") && scan_message(scan, record);
  }
  if (scan.literal(R"({"out":")")) {
    if (scan.literal(R"(send","frames":)")) return scan_send(scan, record);
    return scan.literal(R"(request","id":)") && scan_request(scan, record);
  }
  return scan.literal(R"({"turn":)") && scan_turn(scan, record) && !record.inside;
}

}  // namespace resflow
