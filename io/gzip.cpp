#include "io/gzip.hpp"

#include <zlib.h>

#include <new>

#include "nodes/ascii.hpp"

namespace resflow {

namespace {

constexpr int kGzipFormat = 16;  // on top of the window's bits (deflateInit2)
constexpr int kDefaultMemory = 8;

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

// Cuts off what stands before the separator.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trim(head);
}

// `q=0`, `q=0.000`
bool is_zero_weight(std::string_view parameter) {
  return parameter.size() > 2 && to_lower(parameter[0]) == 'q' && parameter[1] == '=' &&
         parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    std::string_view coding = take(accept_encoding, ',');
    const std::string_view name = take(coding, ';');
    if (equal_ignoring_case(name, "gzip")) return !is_zero_weight(take(coding, ';'));
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
