// The header of the PROXY protocol, versions 1 and 2, with which a proxy says who is behind it
// (haproxy.org/download/1.8/doc/proxy-protocol.txt). Pure, no sockets; any thread.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

namespace resflow {

struct ProxyHeader {
  std::size_t size = 0;                    // bytes of the header; what follows is the client's
  std::optional<sockaddr_storage> client;  // none where the proxy speaks for itself, or does not know
};

// The bytes are the beginning of a header; at least so many are needed.
struct ProxyHeaderNeeds {
  std::size_t bytes = 0;
};

struct NoProxyHeader {};

using ProxyHeaderResult = std::variant<NoProxyHeader, ProxyHeaderNeeds, ProxyHeader>;

// The most bytes of a header that is taken; longer ones, with much in their extensions, are none.
inline constexpr std::size_t kMaxProxyHeader = 4'096;

ProxyHeaderResult parse_proxy_header(std::string_view bytes);

}  // namespace resflow
