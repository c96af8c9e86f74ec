#include "io/nats/nats_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

#include "nodes/base/text_parts.hpp"

namespace resflow {
namespace {

constexpr std::string_view kDefaultPort = "4222";

struct Parts {
  std::string scheme = "nats";  // in lower case
  std::optional<std::string_view> credentials;
  std::string_view host;
  std::string_view port;
};

// Removes the first `end` bytes from `text`, and returns them. Also removes the separator after them, such as "://",
// which has `separator_size` bytes.
std::string_view take_until(std::string_view& text, std::size_t end, std::size_t separator_size) {
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), taken.size() + separator_size));
  return taken;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Splits a URL into its parts. A password may contain "://", so the text before the first "://" is the scheme only if
// it consists of letters. A password may also contain an @, so the credentials end at the last @.
Parts split(std::string_view url) {
  Parts parts;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos && std::all_of(url.begin(), url.begin() + scheme, is_letter)) {
    parts.scheme = take_until(url, scheme, 3);
    for (char& c : parts.scheme) c = static_cast<char>(c | 0x20);
  }
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) parts.credentials = take_until(url, at, 1);
  const std::string_view place = url.substr(0, url.find_first_of("/?#"));
  const std::size_t bracket = place.rfind(']');
  const std::size_t colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = place.substr(0, colon);
  parts.port = colon == std::string_view::npos ? "" : place.substr(colon + 1);
  if (parts.port.empty()) parts.port = kDefaultPort;
  return parts;
}

// Returns the URL with its credentials hidden, for logs and error messages.
std::string without_credentials(std::string_view url) {
  const Parts parts = split(url);
  return parts.scheme + "://" + (parts.credentials ? "***@" : "") + std::string(parts.host) + ':' +
         std::string(parts.port);
}

[[noreturn]] void refuse(std::string_view url, const std::string& reason) {
  throw std::runtime_error("invalid NATS URL " + without_credentials(url) + ": " + reason);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

// Decodes percent-encoding (RFC 3986, section 2.1). Returns nullopt if a % is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

// Parses `text`, the credentials in a URL, and stores them in `out`. With a colon, they are a user and a password;
// without a colon, they are a token. `url` is the whole URL, for an error message.
void take_credentials(std::string_view url, std::string_view text, NatsUrl& out) {
  const std::size_t colon = text.find(':');
  const auto first = percent_decoded(text.substr(0, colon));
  const auto second = percent_decoded(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (!first || !second) refuse(url, "in the credentials, a % is to be written as %25");
  if (first->empty() && second->empty()) return;
  if (colon == std::string_view::npos) {
    out.token = *first;
  } else {
    out.user = *first;
    out.password = *second;
  }
}

NatsUrl parse(std::string_view url) {
  const Parts parts = split(url);
  NatsUrl out;
  out.tls = parts.scheme == "tls";
  if (parts.scheme == "ws" || parts.scheme == "wss") refuse(url, "NATS over WebSocket is not supported");
  if (!out.tls && parts.scheme != "nats" && parts.scheme != "tcp") {
    refuse(url, "must start with nats://, tcp:// or tls://");
  }
  if (!is_port(parts.port)) refuse(url, "the port must be a number from 1 to 65535");
  out.host = parts.host;
  if (out.host.size() >= 2 && out.host.front() == '[' && out.host.back() == ']') {
    out.host = out.host.substr(1, out.host.size() - 2);
  }
  if (out.host.empty()) refuse(url, "there is no host in it");
  if (parts.credentials) take_credentials(url, *parts.credentials, out);
  out.server = std::string(out.tls ? "tls" : "nats") + "://" + std::string(parts.host) + ':' + std::string(parts.port);
  return out;
}

}  // namespace

std::vector<NatsUrl> parse_nats_urls(std::string_view list) {
  std::vector<NatsUrl> urls;
  while (!list.empty()) {
    const std::string_view url = trim(take_part(list, ','), " \t\r\n");
    if (!url.empty()) urls.push_back(parse(url));
  }
  if (urls.empty()) throw std::runtime_error("cannot connect to NATS: there is no URL of a server");
  return urls;
}

}  // namespace resflow
