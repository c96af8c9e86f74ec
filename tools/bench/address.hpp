// Addresses of gateway and NATS server: taken apart, looked up, and kept to this machine unless the user allows more,
// for a load tool that is pointed at the wrong address does harm.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

// A WebSocket address (RFC 6455, section 3), without TLS.
struct WebSocketUrl {
  std::string host;  // without the brackets of an IPv6 literal
  std::uint16_t port = 80;
  std::string path = "/";  // with the query

  // As it stands in a request head.
  std::string authority() const;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool loopback() const;
};

// Throws UsageError when it is none, or one for TLS.
WebSocketUrl parse_ws_url(const std::string& url);

// The host of each server in a list of NATS URLs, separated by commas.
std::vector<std::string> nats_hosts(const std::string& urls);

// Looks the host up. Throws RunError when it is not known, and UsageError when any address of it is of another machine
// and `allow_remote` is not set.
SocketAddress resolve(const std::string& host, std::uint16_t port, bool allow_remote);

}  // namespace resflow::bench
