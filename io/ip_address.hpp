// IP addresses and IP networks. They are stored as bytes, because the same address can be written as text in several
// ways, but has only one form in bytes. So addresses can be compared. No I/O and no shared state; any thread may use
// it.
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

  // Reads an IPv4 or IPv6 address; IPv6 with or without brackets. An IPv6 address that contains an IPv4 address
  // (::ffff:10.0.0.7) is read as this IPv4 address. Returns nullopt if the text is anything else, for example an
  // address with a port or with an IPv6 zone.
  static std::optional<IpAddress> read(std::string_view text);
  // Returns the IP address in a socket address. Returns the address :: if the socket address is neither IPv4 nor IPv6.
  static IpAddress of(const sockaddr_storage& socket);

  // Returns the address in its usual form, IPv6 without brackets.
  std::string text() const;
  // Returns the address followed by the port, IPv6 in brackets.
  std::string with_port(std::uint16_t port) const;

  bool is_ipv4() const;
  // Returns true for 127.0.0.0/8 and ::1.
  bool is_loopback() const;
  // Returns an address that is the same for all addresses of one customer of an Internet provider. A customer usually
  // has one IPv4 address, or all IPv6 addresses with the same first 64 bits. So this function returns an IPv4 address
  // unchanged, and sets the last 64 bits of an IPv6 address to zero.
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
  unsigned bits_ = 128;  // prefix length of the IPv6 form: 10.0.0.0/8 is stored as ::ffff:10.0.0.0 with 96 + 8 bits
};

// Returns true if one of the networks contains the address.
bool any_contains(const std::vector<IpNetwork>& networks, const IpAddress& address);

}  // namespace resflow
