// What enters the pipeline at its client side.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nodes/ids.hpp"

namespace resflow {

// The HTTP request that opened a connection, as auth requests pass it on (RES-Service protocol, "Auth request").
struct ClientInfo {
  std::vector<std::pair<std::string, std::string>> headers;  // canonical names, in order of arrival
  std::string host;
  std::string remote_addr;  // ip:port
  std::string uri;          // as sent
};

// A WebSocket connection is open. `cid` is its connection id ("Connection IDs").
struct Connected {
  ConnId conn;
  std::string cid;
  std::shared_ptr<const ClientInfo> info;
};

// One text message of a client: unmasked, unfragmented, valid UTF-8.
struct ClientFrame {
  ConnId conn;
  std::string text;
};

// The connection is closed; nothing more comes from it or goes to it.
struct Disconnected {
  ConnId conn;
};

// The socket that refused a send takes data again.
struct Writable {
  ConnId conn;
};

}  // namespace resflow
