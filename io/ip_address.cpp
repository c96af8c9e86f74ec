#include "io/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace resflow {

namespace {

// The first 12 bytes of an IPv4 address that is written as an IPv6 address (::ffff:a.b.c.d).
constexpr std::array<std::uint8_t, 12> kIpv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::size_t kCustomerBytes = 8;  // how many bytes of an IPv6 address customer_network() keeps
constexpr unsigned kBits = 128;
constexpr unsigned kIpv4Bits = 32;

// Returns true if the first `bits` bits of both addresses are the same.
bool same_start(const IpAddress::Bytes& a, const IpAddress::Bytes& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<IpAddress> IpAddress::read(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string bare(brackets ? text.substr(1, text.size() - 2) : text);
  IpAddress address;
  if (inet_pton(AF_INET6, bare.c_str(), address.bytes_.data()) == 1) return address;
  std::copy(kIpv4.begin(), kIpv4.end(), address.bytes_.begin());
  if (!brackets && inet_pton(AF_INET, bare.c_str(), address.bytes_.data() + kIpv4.size()) == 1) return address;
  return std::nullopt;
}

IpAddress IpAddress::of(const sockaddr_storage& socket) {
  IpAddress address;
  if (socket.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(socket);
    std::copy(kIpv4.begin(), kIpv4.end(), address.bytes_.begin());
    std::memcpy(address.bytes_.data() + kIpv4.size(), &in.sin_addr, sizeof in.sin_addr);
  } else if (socket.ss_family == AF_INET6) {
    std::memcpy(address.bytes_.data(), &reinterpret_cast<const sockaddr_in6&>(socket).sin6_addr, sizeof(in6_addr));
  }
  return address;
}

std::string IpAddress::text() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv4()) {
    inet_ntop(AF_INET, bytes_.data() + kIpv4.size(), text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  }
  return text;
}

std::string IpAddress::with_port(std::uint16_t port) const {
  const std::string end = ':' + std::to_string(port);
  return is_ipv4() ? text() + end : '[' + text() + ']' + end;
}

bool IpAddress::is_ipv4() const {
  return std::equal(kIpv4.begin(), kIpv4.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  return is_ipv4() ? bytes_[kIpv4.size()] == 127 : bytes_ == kLoopback;
}

IpAddress IpAddress::customer_network() const {
  IpAddress network = *this;
  if (!is_ipv4()) std::fill(network.bytes_.begin() + kCustomerBytes, network.bytes_.end(), std::uint8_t{0});
  return network;
}

std::optional<IpNetwork> IpNetwork::read(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::read(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork network;
  network.address_ = *address;
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (bits > (address->is_ipv4() ? kIpv4Bits : kBits)) return std::nullopt;
  network.bits_ = address->is_ipv4() ? bits + kBits - kIpv4Bits : bits;
  for (unsigned i = network.bits_; i < kBits; ++i) {
    if ((address->bytes()[i / 8] >> (7 - i % 8) & 1) != 0) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  return same_start(address_.bytes(), address.bytes(), bits_);
}

std::string IpNetwork::text() const {
  if (bits_ == kBits) return address_.text();
  return address_.text() + '/' + std::to_string(address_.is_ipv4() ? bits_ + kIpv4Bits - kBits : bits_);
}

bool any_contains(const std::vector<IpNetwork>& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(), [&](const IpNetwork& n) { return n.contains(address); });
}

}  // namespace resflow
