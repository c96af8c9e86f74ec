// IP addresses and IP networks. They are stored as bytes, not as texts, because the same address can be written in many
// ways, and only the bytes can be compared. No I/O and no shared state; any thread may use it.
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
  using Bytes = std::array<std::uint8_t, 16>;  // an IPv6 address; the IPv4 address a.b.c.d is stored as ::ffff:a.b.c.d

  // Reads an IPv4 or IPv6 address in any of its written forms, IPv6 with or without brackets. An IPv4 address within
  // IPv6 (::ffff:10.0.0.7) becomes that IPv4 address. Returns nullopt for any other text, also for an address with a
  // port or with an IPv6 zone.
  static std::optional<IpAddress> read(std::string_view text);
  // Returns the address in a socket address, or :: if the socket address is neither IPv4 nor IPv6.
  static IpAddress of(const sockaddr_storage& socket);

  // Returns the address in its usual form, IPv6 without brackets.
  std::string text() const;
  // Returns the address followed by the port, IPv6 in brackets.
  std::string with_port(std::uint16_t port) const;

  bool is_ipv4() const;
  // Returns true for 127.0.0.0/8 and ::1.
  bool is_loopback() const;
  // Returns the address that stands for one customer of an Internet provider. An IPv4 address is returned as it is. Of
  // an IPv6 address, the first 64 bits are kept and the others set to zero, because one customer gets a network of that
  // size.
  IpAddress customer_network() const;
  const Bytes& bytes() const { return bytes_; }

  bool operator==(const IpAddress&) const = default;

 private:
  Bytes bytes_{};
};

// An IP network, such as 10.0.0.0/8: all addresses that begin with the first 8 bits of 10.0.0.0.
class IpNetwork {
 public:
  // Reads a network, such as 10.0.0.0/8. An address without a prefix length is a network of one address. Returns
  // nullopt if the text is not a network, or if a bit after the prefix is 1, as in 10.0.0.7/8.
  static std::optional<IpNetwork> read(std::string_view text);
  bool contains(const IpAddress& address) const;
  std::string text() const;

 private:
  IpAddress address_;
  unsigned bits_ = 128;  // length of the prefix in the 128 bits of the IPv6 form; for 10.0.0.0/8 it is 96 + 8
};

// Returns true if one of the networks contains the address.
bool any_contains(const std::vector<IpNetwork>& networks, const IpAddress& address);

}  // namespace resflow
