#include "io/capture_text.hpp"

#include <emmintrin.h>
#include <openssl/evp.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "nodes/json.hpp"
#include "nodes/utf8.hpp"

namespace resflow {

namespace {

bool is_ascii(std::string_view bytes) {
  std::uint64_t high = 0;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof high; p += sizeof high, left -= sizeof high) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    high |= word;
  }
  for (; left > 0; ++p, --left) high |= static_cast<std::uint64_t>(static_cast<unsigned char>(*p));
  return (high & 0x8080808080808080u) == 0;
}

// Which of the 16 bytes here must be escaped, a bit each.
unsigned special(const char* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
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

}  // namespace

bool is_text(std::string_view bytes) {
  return is_ascii(bytes) || valid_utf8(bytes);
}

// Sixteen bytes at a time are copied as if nothing had to be escaped; what had to be is then written over.
void append_quoted(ByteBuffer& out, std::string_view text) {
  constexpr std::size_t most = 6;  // that one byte becomes
  constexpr std::size_t block = 16;
  char* to = out.room(text.size() * most + block + 2);
  *to++ = '"';
  const char* p = text.data();
  const char* const end = p + text.size();
  // What is copied may reach into the block after this one.
  while (static_cast<std::size_t>(end - p) >= 2 * block) {
    const char* const next = p + block;
    for (unsigned found = special(p); found != 0; found &= found - 1) {
      const char* const at = next - block + std::countr_zero(found);
      std::memcpy(to, p, block);
      to = put_escaped(to + (at - p), *at);
      p = at + 1;
    }
    std::memcpy(to, p, block);
    to += next - p;
    p = next;
  }
  for (; p != end; ++p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x20 || byte == '"' || byte == '\\') {
      to = put_escaped(to, *p);
    } else {
      *to++ = *p;
    }
  }
  *to++ = '"';
  out.end_at(to);
}

// What append_quoted() has made is undone in one pass; what another has made, by the general reader.
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
  char* to = out.room((bytes.size() + 2) / 3 * 4 + 1);  // OpenSSL ends it with a zero
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(to), reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  out.end_at(to + size);
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  // OpenSSL takes white space around it, and padding anywhere.
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
