// The opening handshake of a WebSocket connection, server side (RFC 6455, section 4.2). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/web/http_head.hpp"

namespace resflow {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455, section 4.2.2, item 5.4).
std::string handshake_accept(std::string_view key);

// The request is none for a WebSocket on that path.
struct NotAnUpgrade {};

// Answer 101 with this Sec-WebSocket-Accept.
struct AcceptUpgrade {
  std::string accept;
};

// The request is for a WebSocket but not in order.
struct RefuseUpgrade {
  unsigned status = 400;  // 403 for an origin that is not allowed, 405 for a method, 426 for a version other than 13
  std::string reason;
  Headers headers{};  // that belong to the status
};

using UpgradeDecision = std::variant<NotAnUpgrade, AcceptUpgrade, RefuseUpgrade>;

// `ws_path` is compared with the decoded path of the target. What comes to it must be a WebSocket.
UpgradeDecision check_upgrade(const HttpRequestHead& head, std::string_view ws_path,
                              const std::vector<std::string>& allow_origins);

}  // namespace resflow
