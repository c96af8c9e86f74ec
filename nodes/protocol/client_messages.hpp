// Messages that the gateway's nodes get about clients: a client has connected, has sent something, or has gone away.
// Also the response to a web request. Plain data; any thread may use it.
#pragma once

#include <string>

#include "nodes/base/time.hpp"
#include "nodes/protocol/client_info.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

enum class ClientKind : std::uint8_t {
  websocket,  // an open WebSocket connection
  held,       // a WebSocket handshake that is not answered before a service has authenticated the client
  web,        // an HTTP request that is not a WebSocket handshake
};

// A client has connected.
struct Connected {
  ConnId conn;
  ClientInfoPtr info;
  ClientKind kind = ClientKind::websocket;
};

// One whole WebSocket text message of a client: unmasked, its fragments joined, valid UTF-8.
struct ClientText {
  ConnId conn;
  std::string text;
  Nanos arrived = 0;  // the time of arrival, for statistics; 0: not measured
};

// A complete HTTP request that is not a WebSocket handshake. Each web request has a ConnId of its own, even if several
// come on one TCP connection. The request is over when the gateway has sent the response. If the client closes the
// connection before that, the message Disconnected comes.
struct WebRequest {
  ConnId conn;
  ClientInfoPtr info;
  std::string method;  // as sent; methods are case-sensitive
  std::string body;
  Nanos arrived = 0;  // the time of arrival, for statistics; 0: not measured
};

// The answer to a web request. The names and values of its headers contain no line breaks.
struct WebResponse {
  unsigned status = 200;
  Headers headers;
  std::string body;
};

// The connection is closed. No more messages come from this client, and none may be sent to it.
struct Disconnected {
  ConnId conn;
};

// The client's socket can take data again. This message comes only after ClientPort::send has returned false because
// the socket was busy.
struct Writable {
  ConnId conn;
};

}  // namespace resflow
