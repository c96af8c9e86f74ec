#include "io/config/option_text.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

#include "io/ip_address.hpp"

namespace resflow {

namespace {

// Returns true if the text is an origin of web pages, such as https://example.com. Refuses texts of more than 300
// bytes, since std::regex can overflow the stack on long texts, and a host name has at most 253 characters. Accepts a
// question mark at the end, since old configurations may contain one; it does no harm.
bool is_origin(const std::string& text) {
  if (text == "null") return true;
  if (text.size() > 300) return false;
  static const std::regex origin(
      R"(([a-z][a-z0-9+.-]*)://([^\x00-\x20\x7f"<>\\^`{|}/?#@:\[\]]+|\[[0-9a-f:.]+\])(:[0-9]*)?\??)");
  return std::regex_match(text, origin);
}

// Splits a number into its base and its digits. Numbers are written as in Go's source code: 0x1F90 is hexadecimal,
// 0o17640 and 017640 are octal, 0b1 is binary, and any other number is decimal.
std::pair<int, std::string_view> split_base(std::string_view text) {
  if (text.size() < 2 || text.front() != '0') return {10, text};
  switch (text[1]) {
    case 'x':
    case 'X':
      return {16, text.substr(2)};
    case 'o':
    case 'O':
      return {8, text.substr(2)};
    case 'b':
    case 'B':
      return {2, text.substr(2)};
    default:
      return {8, text.substr(1)};
  }
}

// Removes the underscores from the digits of a number such as 8_080. An underscore may be between two digits, or
// between the prefix of the base (0x, 0o, 0b, 0) and the first digit. Returns nullopt if there is an underscore
// elsewhere.
std::optional<std::string> without_underscores(std::string_view digits, bool has_base) {
  std::string plain;
  bool allowed = has_base;
  for (const char c : digits) {
    if (c == '_' && !allowed) return std::nullopt;
    if (c != '_') plain += c;
    allowed = c != '_';
  }
  return digits.ends_with('_') ? std::nullopt : std::optional(plain);
}

}  // namespace

std::optional<bool> to_flag(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> to_number(std::string_view text, std::int64_t min, std::int64_t max) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto [base, digits] = split_base(text);
  const auto plain = without_underscores(digits, base != 10);
  if (!plain) return std::nullopt;
  std::int64_t value = 0;
  const char* const last = plain->data() + plain->size();
  const auto [end, error] = std::from_chars(plain->data(), last, value, base);
  if (error != std::errc() || end != last || plain->starts_with('-')) return std::nullopt;
  if (negative) value = -value;
  if (value < min || value > max) return std::nullopt;
  return value;
}

std::optional<std::string> to_address(std::string_view text) {
  const bool sound = text.empty() || (text.front() != '[' && IpAddress::read(text));
  return sound ? std::optional(std::string(text)) : std::nullopt;
}

namespace {

// Splits each text at its semicolons. Returns all parts in one list, except empty ones.
std::vector<std::string> split_lists(const std::vector<std::string>& lists) {
  std::vector<std::string> all;
  for (const std::string& list : lists) {
    for (const std::string& one : split(list, ';')) {
      if (!one.empty()) all.push_back(one);
    }
  }
  return all;
}

}  // namespace

std::optional<std::vector<std::string>> to_addresses(const std::vector<std::string>& lists) {
  auto addresses = split_lists(lists);
  const bool all = addresses == std::vector<std::string>{"*"};
  const bool sound =
      std::all_of(addresses.begin(), addresses.end(), [](const auto& a) { return IpAddress::read(a).has_value(); });
  return all || sound ? std::optional(std::move(addresses)) : std::nullopt;
}

std::optional<std::vector<std::string>> to_networks(const std::vector<std::string>& lists) {
  auto networks = split_lists(lists);
  const bool sound =
      std::all_of(networks.begin(), networks.end(), [](const auto& n) { return IpNetwork::read(n).has_value(); });
  return sound ? std::optional(std::move(networks)) : std::nullopt;
}

std::optional<std::string> to_path_prefix(std::string_view text) {
  std::string path(text);
  if (!path.ends_with('/')) path += '/';
  return path;
}

std::optional<std::optional<HeaderAuth>> to_header_auth(std::string_view text) {
  if (text.empty()) return std::optional<HeaderAuth>();
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || !valid_rid(text, false)) return std::nullopt;
  return HeaderAuth{make_rid(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

std::optional<std::optional<std::string>> to_method(std::string_view text) {
  if (text.empty()) return std::optional<std::string>();
  if (!valid_rid_part(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> to_subject_prefix(std::string_view text) {
  constexpr std::size_t longest = 100;
  if (text.size() > longest || !valid_rid(text, false)) return std::nullopt;
  return std::string(text);
}

std::optional<ApiEncoding> to_encoding(std::string_view text) {
  const std::string name = lower_case(text);
  if (name == "json") return ApiEncoding::json;
  if (name == "jsonflat") return ApiEncoding::jsonflat;
  return std::nullopt;
}

std::optional<std::vector<std::string>> to_origins(const std::vector<std::string>& lists) {
  std::vector<std::string> origins;
  for (const std::string& list : lists) {
    for (const std::string& origin : split(list, ';')) origins.push_back(lower_case(origin));
  }
  if (origins == std::vector<std::string>{"*"}) return origins;
  if (!std::all_of(origins.begin(), origins.end(), is_origin)) return std::nullopt;
  std::sort(origins.begin(), origins.end());
  origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
  return origins;
}

}  // namespace resflow
