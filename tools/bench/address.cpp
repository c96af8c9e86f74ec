#include "tools/bench/address.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

namespace resflow::bench {

namespace {

// Returns the host in "host", "host:port" or "[address]:port". An IPv6 address keeps its brackets.
std::string_view host_part(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, std::min(authority.find(']') + 1, authority.size()));
  return authority.substr(0, authority.find(':'));
}

std::string without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return std::string(host.substr(1, host.size() - 2));
  return std::string(host);
}

}  // namespace

std::string WebSocketUrl::authority() const {
  const std::string shown = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return shown + ':' + std::to_string(port);
}

bool SocketAddress::loopback() const {
  if (family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  if (family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
  }
  return false;
}

WebSocketUrl parse_ws_url(const std::string& url) {
  constexpr std::string_view scheme = "ws://";
  const auto bad = [&](const std::string& why) { return UsageError("invalid url \"" + url + "\": " + why); };
  if (url.starts_with("wss://")) throw bad("TLS is not spoken here; use the gateway without it");
  if (!url.starts_with(scheme)) throw bad("must start with ws://");
  std::string_view rest = std::string_view(url).substr(scheme.size());
  WebSocketUrl parsed;
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  if (slash < rest.size()) parsed.path = (rest[slash] == '?' ? "/" : "") + std::string(rest.substr(slash));
  const std::string_view authority = rest.substr(0, slash);
  const std::string_view host = host_part(authority);
  parsed.host = without_brackets(host);
  if (parsed.host.empty()) throw bad("has no host");
  if (host.size() == authority.size()) return parsed;
  const char* const end = authority.data() + authority.size();
  const auto [stop, ec] = std::from_chars(authority.data() + host.size() + 1, end, parsed.port);
  if (authority[host.size()] != ':' || ec != std::errc() || stop != end || parsed.port == 0) throw bad("bad port");
  return parsed;
}

std::vector<std::string> nats_hosts(const std::string& urls) {
  std::vector<std::string> hosts;
  std::string_view rest = urls;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (const std::size_t scheme = one.find("://"); scheme != std::string_view::npos) one.remove_prefix(scheme + 3);
    if (const std::size_t at = one.rfind('@'); at != std::string_view::npos) one.remove_prefix(at + 1);
    hosts.push_back(without_brackets(host_part(one)));
  }
  return hosts;
}

SocketAddress resolve(const std::string& host, std::uint16_t port, bool allow_remote) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
  if (error != 0) throw RunError("cannot look up " + host + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(raw, freeaddrinfo);
  SocketAddress chosen;
  for (const addrinfo* a = list.get(); a != nullptr; a = a->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, a->ai_addr, a->ai_addrlen);
    address.size = a->ai_addrlen;
    if (!address.loopback() && !allow_remote) {
      throw UsageError(host + " is another machine; --allow-remote puts it under load all the same");
    }
    // Takes the first address, or the first IPv4 address if there is one, because gateways usually listen on IPv4.
    if (chosen.size == 0 || (chosen.family() != AF_INET && address.family() == AF_INET)) chosen = address;
  }
  return chosen;
}

}  // namespace resflow::bench
