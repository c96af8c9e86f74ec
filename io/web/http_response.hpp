// Functions that return HTTP/1.1 responses as bytes, ready to send (RFC 9112, section 4). No I/O; any thread may use
// them.
#pragma once

#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// Options of serialize(): how to write a response as bytes.
struct ResponseFraming {
  bool with_body = true;    // false for the answer to a HEAD request
  bool keep_alive = false;  // true: the client may send another request on the connection
  bool http10 = false;      // true: the client speaks HTTP/1.0, so keep_alive adds "Connection: keep-alive"
  std::string_view date{};  // value of the Date header; empty: the response has no Date header
};

// Returns the response as bytes, ready to send. Adds a Content-Length header, except for a status that allows no body
// (RFC 9110, section 8.6).
std::string serialize(const WebResponse& response, const ResponseFraming& framing);

// Returns the response with status 101, which opens a WebSocket connection (RFC 6455, section 4.2.2). `accept`: the
// value of the header Sec-WebSocket-Accept. `headers`: headers to add.
std::string switching_protocols(std::string_view accept, const Headers& headers = {});

// Returns "HTTP/1.1 100 Continue". A client that sends "Expect: 100-continue" waits for this response before it sends
// the body (RFC 9110, section 10.1.1).
std::string_view continue_response();

// Returns a time in the format of the Date header (RFC 9110, section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace resflow
