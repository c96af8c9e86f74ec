// IP addresses as the numbers they are: there are many ways to write the same one. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace resflow {

class IpAddress {
 public:
  // IPv4 or IPv6, in any of their forms, IPv6 with or without brackets. An IPv4 address within IPv6 (::ffff:10.0.0.7)
  // is that IPv4 address. Nullopt for anything else: names, ports, zones.
  static std::optional<IpAddress> read(std::string_view text);

  // 127.0.0.0/8 and ::1.
  bool is_loopback() const;

  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // of IPv6
};

}  // namespace resflow
