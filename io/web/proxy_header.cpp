#include "io/web/proxy_header.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

#include "nodes/base/text_parts.hpp"

namespace resflow {
namespace {

// A header of version 1 of the PROXY protocol is a line of text that begins with kStart1 (section 2.1 of the
// specification).
constexpr std::string_view kStart1 = "PROXY ";
constexpr std::size_t kMaxLine = 107;
// A header of version 2 is binary, and begins with kStart2 (section 2.2 of the specification).
constexpr std::string_view kStart2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed2 = 16;
constexpr unsigned kVersion2 = 2;
constexpr unsigned kLocal = 0;
constexpr unsigned kProxied = 1;
constexpr unsigned kTcp4 = 0x11;
constexpr unsigned kTcp6 = 0x21;
constexpr std::size_t kTcp4Size = 12;
constexpr std::size_t kTcp6Size = 36;

template <typename Address>
sockaddr_storage socket_of(Address address) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  return storage;
}

sockaddr_storage ipv4(const in_addr& address, std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr = address;
  in.sin_port = htons(port);
  return socket_of(in);
}

sockaddr_storage ipv6(const in6_addr& address, std::uint16_t port) {
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_addr = address;
  in.sin6_port = htons(port);
  return socket_of(in);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// Parses `TCP4 source destination port port` (or TCP6), without the end of the line. Returns the address and port of
// the source, which is the client. Returns nullopt if the line is malformed.
std::optional<sockaddr_storage> read_addresses(std::string_view line) {
  const std::string_view family = take_part(line, ' ');
  const std::string source(take_part(line, ' '));
  const std::string destination(take_part(line, ' '));
  const auto source_port = read_port(take_part(line, ' '));
  const auto destination_port = read_port(take_part(line, ' '));
  if (!source_port || !destination_port || !line.empty()) return std::nullopt;
  in_addr from4{};
  in6_addr from6{};
  in_addr to4{};
  in6_addr to6{};
  if (family == "TCP4" && inet_pton(AF_INET, source.c_str(), &from4) == 1 &&
      inet_pton(AF_INET, destination.c_str(), &to4) == 1) {
    return ipv4(from4, *source_port);
  }
  if (family == "TCP6" && inet_pton(AF_INET6, source.c_str(), &from6) == 1 &&
      inet_pton(AF_INET6, destination.c_str(), &to6) == 1) {
    return ipv6(from6, *source_port);
  }
  return std::nullopt;
}

ProxyHeaderResult parse_line(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kMaxLine).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxLine || bytes.find('\0') != std::string_view::npos) return NoProxyHeader{};
    return ProxyHeaderNeeds{bytes.size() + 1};
  }
  const std::string_view line = bytes.substr(kStart1.size(), end - kStart1.size());
  ProxyHeader header{end + 2, std::nullopt};
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return header;
  header.client = read_addresses(line);
  if (!header.client) return NoProxyHeader{};
  return header;
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::optional<sockaddr_storage> read_binary(std::string_view body, unsigned family) {
  if (family == kTcp4 && body.size() >= kTcp4Size) {
    return ipv4(number_at<in_addr>(body, 0), ntohs(number_at<std::uint16_t>(body, 8)));
  }
  if (family == kTcp6 && body.size() >= kTcp6Size) {
    return ipv6(number_at<in6_addr>(body, 0), ntohs(number_at<std::uint16_t>(body, 32)));
  }
  return std::nullopt;
}

ProxyHeaderResult parse_binary(std::string_view bytes) {
  if (bytes.size() < kFixed2) return ProxyHeaderNeeds{kFixed2};
  const unsigned version = static_cast<unsigned char>(bytes[12]) >> 4;
  const unsigned command = static_cast<unsigned char>(bytes[12]) & 0x0F;
  const unsigned family = static_cast<unsigned char>(bytes[13]);
  const std::size_t size = kFixed2 + ntohs(number_at<std::uint16_t>(bytes, 14));
  if (version != kVersion2 || command > kProxied || size > kMaxProxyHeader) return NoProxyHeader{};
  if (bytes.size() < size) return ProxyHeaderNeeds{size};
  if (command == kLocal) return ProxyHeader{size, std::nullopt};
  const std::string_view body = bytes.substr(kFixed2, size - kFixed2);
  const auto client = read_binary(body, family);
  // Refuses a header that promises IPv4 or IPv6 addresses, but is too short for them.
  if (!client && (family == kTcp4 || family == kTcp6)) return NoProxyHeader{};
  return ProxyHeader{size, client};
}

// Returns true if `bytes` begins with `start`, or may do so when more bytes have come.
bool agree(std::string_view bytes, std::string_view start) {
  const std::size_t n = std::min(bytes.size(), start.size());
  return bytes.substr(0, n) == start.substr(0, n);
}

}  // namespace

ProxyHeaderResult parse_proxy_header(std::string_view bytes) {
  if (agree(bytes, kStart2)) return parse_binary(bytes);
  if (!agree(bytes, kStart1)) return NoProxyHeader{};
  if (bytes.size() < kStart1.size()) return ProxyHeaderNeeds{bytes.size() + 1};
  return parse_line(bytes);
}

}  // namespace resflow
