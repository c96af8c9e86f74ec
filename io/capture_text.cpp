#include "io/capture_text.hpp"

#include <openssl/evp.h>

#include <array>
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

enum : std::uint8_t { kPlain = 0, kEscaped = 1, kControl = 2 };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = kControl;
  table['"'] = kEscaped;
  table['\\'] = kEscaped;
  return table;
}();

char* put_control(char* to, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::memcpy(to, "\\u00", 4);
  to[4] = digits[c >> 4];
  to[5] = digits[c & 15];
  return to + 6;
}

}  // namespace

bool is_text(std::string_view bytes) {
  return is_ascii(bytes) || valid_utf8(bytes);
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::size_t most = 6;  // that one byte becomes
  constexpr std::size_t piece = 4'096;
  out += '"';
  while (!text.empty()) {
    const std::string_view now = text.substr(0, piece);
    text.remove_prefix(now.size());
    const std::size_t before = out.size();
    out.resize(before + now.size() * most);
    char* to = out.data() + before;
    for (const char c : now) {
      const auto byte = static_cast<unsigned char>(c);
      if (kClass[byte] == kControl) {
        to = put_control(to, byte);
        continue;
      }
      *to = '\\';
      to += kClass[byte];
      *to++ = c;
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
  }
  out += '"';
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

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  out.resize(before + (bytes.size() + 2) / 3 * 4 + 1);  // OpenSSL ends it with a zero
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + before),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.pop_back();
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace resflow
