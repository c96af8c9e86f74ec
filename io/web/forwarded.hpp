// Finds the address of a client behind an HTTP proxy. The proxy writes this address into a header: X-Forwarded-For, or
// Forwarded (RFC 7239). No I/O and no shared state; any thread may use it.
#pragma once

#include <vector>

#include "io/ip_address.hpp"
#include "io/web/http_head.hpp"

namespace resflow {

// Returns the address of the client that has sent the request. `peer` is the address at the other end of the TCP
// connection. If `peer` is not a trusted proxy, `peer` is the client. If `peer` is a trusted proxy, this function reads
// the addresses in the X-Forwarded-For or Forwarded header from right to left, and returns the first one that is not a
// trusted proxy. It does not use addresses further left, because the client may have invented them. If all addresses
// are trusted proxies, it returns the leftmost address. If an element of the list is not an address, it returns the
// address of the proxy that wrote this element.
//
// A proxy writes only one of these two headers, and passes on the other one as the client sent it. So if both headers
// are present and lead to different addresses, one address may be invented. Then the function returns `peer`.
IpAddress client_address(const HttpRequestHead& head, const IpAddress& peer, const std::vector<IpNetwork>& trusted);

}  // namespace resflow
