// Parses and looks up the addresses of the gateway and the NATS server, for the load tool. By default allows only
// addresses of this machine, so that no other machine is put under load by mistake. The option --allow-remote allows
// others.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

// A WebSocket address (RFC 6455, section 3), without TLS.
struct WebSocketUrl {
  std::string host;  // without the brackets that a URL has around an IPv6 address
  std::uint16_t port = 80;
  std::string path = "/";  // the path with the query

  // Returns "host:port", as the Host header of a request has it.
  std::string authority() const;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  // Returns true for an address of this machine's loopback interface.
  bool loopback() const;
};

// Parses a ws:// URL. Throws UsageError if the text is not a ws:// URL; wss:// (TLS) is not supported.
WebSocketUrl parse_ws_url(const std::string& url);

// Returns the host of each server in a list of NATS URLs that are separated by commas.
std::vector<std::string> nats_hosts(const std::string& urls);

// Looks up the host. Returns its first IPv4 address, or its first address if it has no IPv4 address. Throws RunError if
// the host is unknown. If `allow_remote` is false, throws UsageError if any of its addresses is not a loopback address.
SocketAddress resolve(const std::string& host, std::uint16_t port, bool allow_remote);

}  // namespace resflow::bench
