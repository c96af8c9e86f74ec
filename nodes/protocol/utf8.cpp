#include "nodes/protocol/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace resflow {
namespace {

// What may follow a lead byte (RFC 3629, section 4): the length of the sequence and the range of its second byte. The
// range of the second byte excludes overlong forms, surrogates and code points above U+10FFFF. All later bytes are in
// the range 80..BF.
struct Sequence {
  std::size_t length;  // 0 if the byte is not a lead byte
  unsigned char second_min;
  unsigned char second_max;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0xC2) return {0, 0, 0};
  if (lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Returns the length of the valid multi-byte sequence at `p`, or 0 if there is none.
std::size_t match_sequence(const unsigned char* p, std::size_t available) {
  const Sequence sequence = sequence_of(p[0]);
  if (sequence.length == 0 || available < sequence.length) return 0;
  if (p[1] < sequence.second_min || p[1] > sequence.second_max) return 0;
  for (std::size_t i = 2; i < sequence.length; ++i) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  return sequence.length;
}

// Returns true if the eight bytes at `p` are all ASCII.
bool is_ascii_word(const unsigned char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  while (left > 0) {
    std::size_t length = 1;
    if (left >= sizeof(std::uint64_t) && is_ascii_word(p)) {
      length = sizeof(std::uint64_t);
    } else if (*p >= 0x80) {
      length = match_sequence(p, left);
      if (length == 0) return false;
    }
    p += length;
    left -= length;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  if (valid_utf8(text)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data() + i);
    const std::size_t length = *p < 0x80 ? 1 : match_sequence(p, text.size() - i);
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(i, length);
    i += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace resflow
