// Who a client is: the number of its connection, the HTTP request that opened it, and the client's version of the RES
// protocol. No I/O; owned by the client's session.
#pragma once

#include <cstdint>
#include <string_view>

#include "nodes/protocol/client_info.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

// Versions of the RES-Client protocol, as MAJOR * 1'000'000 + MINOR * 1'000 + PATCH. A client that sends no version
// request is treated as a client of version 1.1.1, since the protocol says: "the gateway SHOULD assume version v1.1.x".
constexpr std::uint32_t kProtocolUnknown = 1'001'001;
// From this version on, a service may answer a call with a resource. The client is then subscribed to this resource.
constexpr std::uint32_t kProtocolResourceReplies = 1'002'000;
// A client with a version below this one is a legacy client. It does not know soft references (links that are not
// followed) and data values (JSON objects or arrays inside a resource), so it gets strings in their place.
constexpr std::uint32_t kProtocolSoftReferences = 1'002'001;
constexpr std::uint32_t kProtocolLatest = 1'002'003;

struct ClientIdentity {
  ConnId conn;
  ClientInfoPtr info;
  std::uint32_t protocol = kProtocolUnknown;

  std::string_view cid() const { return info->cid(); }
  bool legacy() const { return protocol < kProtocolSoftReferences; }
};

}  // namespace resflow
