#include "io/gzip.hpp"

#include <zlib.h>

#include <new>

#include "nodes/base/ascii.hpp"
#include "nodes/base/text_parts.hpp"

namespace resflow {

namespace {

constexpr int kGzipFormat = 16;    // deflateInit2() writes the gzip format if this is added to the window bits
constexpr int kDefaultMemory = 8;  // the default memLevel of deflateInit2()

// Returns true if this parameter of an Accept-Encoding header is a weight of zero, such as `q=0` or `q=0.000` (RFC
// 9110, 12.4.2).
bool is_zero_weight(std::string_view parameter) {
  return parameter.size() > 2 && to_lower(parameter[0]) == 'q' && parameter[1] == '=' &&
         parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    std::string_view coding = take_part(accept_encoding, ',');
    const std::string_view name = trim(take_part(coding, ';'));
    if (equal_ignoring_case(name, "gzip")) return !is_zero_weight(trim(take_part(coding, ';')));
  }
  return false;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + kGzipFormat, kDefaultMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace resflow
