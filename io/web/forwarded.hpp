// Finds out which client is behind an HTTP proxy, by the headers that the proxy writes: X-Forwarded-For, or Forwarded
// (RFC 7239). Pure; any thread.
#pragma once

#include <vector>

#include "io/ip_address.hpp"
#include "io/web/http_head.hpp"

namespace resflow {

// `peer`, if it is no trusted proxy. Else the address that the last trusted one was asked by: the lists are read from
// the right, since a client can write into their left what it likes. What is no address ends the way, and the proxy
// that wrote it counts. A proxy writes one of the two headers and passes the other one on as it came: where both are
// there and differ, neither is believed.
IpAddress client_address(const HttpRequestHead& head, const IpAddress& peer, const std::vector<IpNetwork>& trusted);

}  // namespace resflow
