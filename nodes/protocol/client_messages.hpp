// What enters the pipeline at its client side, and what a web request is answered with. Pure; any thread.
#pragma once

#include <string>

#include "nodes/base/time.hpp"
#include "nodes/protocol/client_info.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

enum class ClientKind : std::uint8_t {
  websocket,  // an open WebSocket connection
  held,       // one that asks to be opened, and waits: it is accepted, or gets a WebResponse instead
  web,        // a web request
};

// A client is there.
struct Connected {
  ConnId conn;
  ClientInfoPtr info;
  ClientKind kind = ClientKind::websocket;
};

// One text message of a client: unmasked, unfragmented, valid UTF-8.
struct ClientText {
  ConnId conn;
  std::string text;
  Nanos arrived = 0;
};

// A web request, whole. Its id is its own: the next one on the same connection has another. It ends with its response,
// or with Disconnected when the client goes before.
struct WebRequest {
  ConnId conn;
  ClientInfoPtr info;
  std::string method;  // as sent, case matters
  std::string body;
  Nanos arrived = 0;
};

// The answer to a web request. Names and values of headers are sound: no line breaks.
struct WebResponse {
  unsigned status = 200;
  Headers headers;
  std::string body;
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
