// Finds the address of a client behind an HTTP proxy. The proxy writes it into a header: X-Forwarded-For, or Forwarded
// (RFC 7239). Pure; any thread.
#pragma once

#include <vector>

#include "io/ip_address.hpp"
#include "io/web/http_head.hpp"

namespace resflow {

// Returns `peer` if it is not a trusted proxy. Otherwise returns the first address in the header, read from the right,
// that is not a trusted proxy: a client can write anything into the left part of the list. An element that is no
// address ends the search, and the proxy that wrote it is returned. A proxy writes only one of the two headers and
// passes the other on unchanged. So if both are present and give different addresses, neither is believed and `peer` is
// returned.
IpAddress client_address(const HttpRequestHead& head, const IpAddress& peer, const std::vector<IpNetwork>& trusted);

}  // namespace resflow
