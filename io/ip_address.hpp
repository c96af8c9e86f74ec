// IP addresses as the numbers they are: there are many ways to write the same one; and networks of them. Pure; any
// thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resflow {

class IpAddress {
 public:
  using Bytes = std::array<std::uint8_t, 16>;  // of IPv6

  // IPv4 or IPv6, in any of their forms, IPv6 with or without brackets. An IPv4 address within IPv6 (::ffff:10.0.0.7)
  // is that IPv4 address. Nullopt for anything else: names, ports, zones.
  static std::optional<IpAddress> read(std::string_view text);
  // The address of a socket; :: for sockets of other families.
  static IpAddress of(const sockaddr_storage& socket);

  // The address as it is usually written, IPv6 without brackets.
  std::string text() const;
  // The address with a port behind it, and IPv6 in brackets.
  std::string with_port(std::uint16_t port) const;

  bool is_ipv4() const;
  // 127.0.0.0/8 and ::1.
  bool is_loopback() const;
  // What one subscriber of a network has: an IPv4 address, or 64 bits of IPv6.
  IpAddress subscriber() const;
  const Bytes& bytes() const { return bytes_; }

  bool operator==(const IpAddress&) const = default;

 private:
  Bytes bytes_{};
};

// An address and how many of its bits count, as 10.0.0.0/8.
class IpNetwork {
 public:
  // An address alone is a network of its own. Nullopt when it is none, or when bits are set that do not count.
  static std::optional<IpNetwork> read(std::string_view text);
  bool contains(const IpAddress& address) const;
  std::string text() const;

 private:
  IpAddress address_;
  unsigned bits_ = 128;  // as of IPv6
};

bool any_contains(const std::vector<IpNetwork>& networks, const IpAddress& address);

}  // namespace resflow
