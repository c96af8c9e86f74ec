// Parses the header of the PROXY protocol, versions 1 and 2 (haproxy.org/download/1.8/doc/proxy-protocol.txt). A proxy
// sends this header at the start of a connection to tell the server the address of the client. No I/O; any thread may
// use it.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

namespace resflow {

struct ProxyHeader {
  std::size_t size = 0;                    // bytes of the header; the client's bytes follow it
  std::optional<sockaddr_storage> client;  // nullopt: no client (a health check of the proxy), or an unknown one
};

// A result of parse_proxy_header(): the header is not complete yet. The caller tries again when at least `bytes` bytes
// have come, counted from the start of the header.
struct ProxyHeaderNeeds {
  std::size_t bytes = 0;
};

// A result of parse_proxy_header(): the bytes are not a header, or the header is malformed or too long.
struct NoProxyHeader {};

using ProxyHeaderResult = std::variant<NoProxyHeader, ProxyHeaderNeeds, ProxyHeader>;

// The most bytes that a header may have. parse_proxy_header() returns NoProxyHeader for a longer header (one with large
// extensions).
inline constexpr std::size_t kMaxProxyHeader = 4'096;

ProxyHeaderResult parse_proxy_header(std::string_view bytes);

}  // namespace resflow
