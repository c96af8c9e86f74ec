// Finds the address of a client behind an HTTP proxy. The proxy writes this address into a header: X-Forwarded-For, or
// Forwarded (RFC 7239). No I/O and no shared state; any thread may use it.
#pragma once

#include <vector>

#include "io/ip_address.hpp"
#include "io/web/http_head.hpp"

namespace resflow {

// Returns `peer` if `peer` is not a trusted proxy. Otherwise reads the list of addresses in the header from right to
// left, and returns the first address that is not a trusted proxy. The addresses further left are not used, because the
// client may have invented them. If all addresses are trusted proxies, returns the leftmost address. If an element of
// the list is not an address, returns the address of the proxy that wrote this element.
//
// A proxy writes only one of the two headers, and passes on the other one as the client sent it. So if both headers are
// present and lead to different addresses, one address may be invented. Then the function returns `peer`.
IpAddress client_address(const HttpRequestHead& head, const IpAddress& peer, const std::vector<IpNetwork>& trusted);

}  // namespace resflow
