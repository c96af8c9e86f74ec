#include "io/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace resflow {

namespace {

constexpr std::array<std::uint8_t, 12> kIpv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // what it begins with in IPv6
constexpr std::array<std::uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

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

bool IpAddress::is_loopback() const {
  const bool ipv4 = std::equal(kIpv4.begin(), kIpv4.end(), bytes_.begin());
  return ipv4 ? bytes_[kIpv4.size()] == 127 : bytes_ == kLoopback;
}

}  // namespace resflow
