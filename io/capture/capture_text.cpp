#include "io/capture/capture_text.hpp"

#include <emmintrin.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

constexpr std::size_t kBlock = 16;

__m128i load(const char* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

// Returns true if none of the bytes is bad. The function `bad` decides what is bad: it gets 16 bytes and returns 16
// bytes, where the highest bit of each byte is 1 if the byte at the same index is bad. Some bytes may be checked twice.
template <typename Bad>
bool none_of(std::string_view bytes, Bad&& bad) {
  const char* p = bytes.data();
  if (bytes.size() < kBlock) {
    char few[kBlock];
    std::memset(few, ' ', sizeof few);
    if (!bytes.empty()) std::memcpy(few, p, bytes.size());
    return _mm_movemask_epi8(bad(load(few))) == 0;
  }
  const char* const last = p + bytes.size() - kBlock;
  __m128i found = bad(load(last));
  for (; p < last; p += kBlock) found = _mm_or_si128(found, bad(load(p)));
  return _mm_movemask_epi8(found) == 0;
}

// Returns true if all bytes are ASCII. Any other byte has its highest bit set. That is just how none_of() expects bad
// bytes to be marked, so the lambda returns the bytes unchanged.
bool is_ascii(std::string_view bytes) {
  return none_of(bytes, [](__m128i b) { return b; });
}

// Looks at 16 bytes and returns a mask. A bit of the mask is 1 if the byte at the same index must be escaped in JSON.
unsigned special(const char* p) {
  const __m128i bytes = load(p);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))));
}

char* put_control(char* to, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::memcpy(to, "\\u00", 4);
  to[4] = digits[c >> 4];
  to[5] = digits[c & 15];
  return to + 6;
}

char* put_escaped(char* to, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20) return put_control(to, byte);
  to[0] = '\\';
  to[1] = c;
  return to + 2;
}

// Copies the first `n` of the 16 bytes at `p` to `to`, and replaces special characters by JSON escapes. Returns the end
// of the written bytes. For speed, it always copies 16 bytes at once. After each escape, it copies again from the next
// character on. So 32 bytes from `p` on must be readable.
char* put_block(char* to, const char* p, std::size_t n) {
  const char* const begin = p;
  for (unsigned found = special(p) & (0xffffu >> (kBlock - n)); found != 0; found &= found - 1) {
    const char* const at = begin + std::countr_zero(found);
    std::memcpy(to, p, kBlock);
    to = put_escaped(to + (at - p), *at);
    p = at + 1;
  }
  std::memcpy(to, p, kBlock);
  return to + (begin + n - p);
}

}  // namespace

bool is_plain(std::string_view bytes) {
  return none_of(bytes, [](__m128i b) { return _mm_cmpgt_epi8(_mm_set1_epi8(0x20), b); });
}

bool is_text(std::string_view bytes) {
  return is_ascii(bytes) || valid_utf8(bytes);
}

void append_quoted(ByteBuffer& out, std::string_view text) {
  constexpr std::size_t most = 6;  // bytes of the longest escape, such as \u001f
  char* to = out.room(text.size() * most + kBlock + 2);
  *to++ = '"';
  const char* p = text.data();
  std::size_t left = text.size();
  for (; left >= 2 * kBlock; p += kBlock, left -= kBlock) to = put_block(to, p, kBlock);
  char rest[3 * kBlock] = {};
  if (left > 0) std::memcpy(rest, p, left);
  for (std::size_t at = 0; at < left; at += kBlock) to = put_block(to, rest + at, std::min(kBlock, left - at));
  *to++ = '"';
  out.end_at(to);
}

// Decodes a JSON string. A fast loop decodes the escapes \" and \\. If the string has any other escape, which
// append_quoted() rarely writes, the general JSON reader decodes it.
std::optional<std::string> decode_quoted(std::string_view string) {
  if (string.size() < 2 || string.front() != '"' || string.back() != '"') return std::nullopt;
  std::string_view rest = string.substr(1, string.size() - 2);
  std::string out;
  out.reserve(rest.size());
  for (std::size_t at; (at = rest.find('\\')) != std::string_view::npos; rest.remove_prefix(at + 2)) {
    if (at + 1 == rest.size() || (rest[at + 1] != '"' && rest[at + 1] != '\\')) return json::decode_string(string);
    out.append(rest, 0, at);
    out += rest[at + 1];
  }
  return out.append(rest);
}

void append_base64(ByteBuffer& out, std::string_view bytes) {
  char* to = out.room((bytes.size() + 2) / 3 * 4 + 1);  // 1 more, since OpenSSL writes a zero byte at the end
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(to), reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  out.end_at(to + size);
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  // OpenSSL accepts white space around the text, and padding anywhere. This function refuses both.
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bool sound = text.substr(0, text.size() - padding).find_first_not_of(digits) == std::string_view::npos;
  if (text.size() % 4 != 0 || !sound) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace resflow
