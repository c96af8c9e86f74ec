// Checks the opening handshake of a WebSocket connection on the server's side (RFC 6455, section 4.2). No I/O; any
// thread may use it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/web/http_head.hpp"

namespace resflow {

// Returns the value of the response header Sec-WebSocket-Accept. `key`: the value of the request header
// Sec-WebSocket-Key (RFC 6455, section 4.2.2, item 5.4).
std::string handshake_accept(std::string_view key);

// A result of check_upgrade(): the request is not for the WebSocket path, so it is an ordinary web request.
struct NotAnUpgrade {};

// A result of check_upgrade(): the handshake is valid. The server answers with status 101 and a Sec-WebSocket-Accept
// header with the value `accept`.
struct AcceptUpgrade {
  std::string accept;
};

// A result of check_upgrade(): the request is for the path of the WebSocket, but is not a valid handshake.
struct RefuseUpgrade {
  unsigned status = 400;  // 403 for a forbidden origin, 405 for a wrong method, 426 for a version other than 13
  std::string reason;
  Headers headers{};  // headers that the response must have because of its status, such as Allow with 405
};

using UpgradeDecision = std::variant<NotAnUpgrade, AcceptUpgrade, RefuseUpgrade>;

// Decides whether a request opens a WebSocket connection. A request for another path than `ws_path` (compared after
// percent-decoding) is NotAnUpgrade. If `ws_path` is empty, every request is NotAnUpgrade. A request for `ws_path` is
// refused if it is not a valid handshake, or if its Origin header names an origin that `allow_origins` does not
// contain. Otherwise it is accepted.
UpgradeDecision check_upgrade(const HttpRequestHead& head, std::string_view ws_path,
                              const std::vector<std::string>& allow_origins);

}  // namespace resflow
