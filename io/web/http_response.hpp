// HTTP/1.1 responses as bytes (RFC 9112, section 4). Pure, no sockets; any thread.
#pragma once

#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// What the connection, not the response, decides.
struct ResponseFraming {
  bool with_body = true;    // false for the answer to a HEAD request
  bool keep_alive = false;  // the connection takes another request
  bool http10 = false;      // the client has to be told that it does
  std::string_view date{};  // for the Date header; none when empty
};

// The bytes of a response with its Content-Length; none for a status that has no body (RFC 9110, section 8.6).
std::string serialize(const WebResponse& response, const ResponseFraming& framing);

// The answer that opens a WebSocket connection (RFC 6455, section 4.2.2).
std::string switching_protocols(std::string_view accept, const Headers& headers = {});

// "HTTP/1.1 100 Continue", for a client that waits with its body (RFC 9110, section 10.1.1).
std::string_view continue_response();

// A time as the Date header has it (RFC 9110, section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace resflow
