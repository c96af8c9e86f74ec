// HTTP/1.1 messages at the edge (RFC 9112): the head of a request from bytes, responses to bytes. Pure, no sockets;
// any thread. Bodies are the caller's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace resflow {

// The most bytes of a request head; above it the answer is 431.
inline constexpr std::size_t kMaxHttpHead = 64 * 1024;

using HttpHeader = std::pair<std::string, std::string>;

struct HttpRequestHead {
  std::string method;               // as sent, case matters
  std::string target;               // exactly as sent, nothing decoded
  int version = 11;                 // 10 or 11
  std::vector<HttpHeader> headers;  // canonical names, in order of arrival, repeated ones stay apart
  std::size_t size = 0;             // bytes consumed; what follows them is the body or, after an upgrade, frames

  // The first header of that canonical name, or null.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // True if one of the comma-separated lists of that name has the token, in any case (RFC 9110, section 5.6.1).
  bool has_token(std::string_view name, std::string_view token) const;
  // The target up to the query.
  std::string_view path() const;
};

// The head is not complete.
struct NeedMoreBytes {};

// What was sent is no acceptable request: answer with `status` and close.
struct BadRequestHead {
  unsigned status = 400;
  std::string reason;
};

using HttpHeadResult = std::variant<NeedMoreBytes, BadRequestHead, HttpRequestHead>;

// Reads the head at the start of `bytes`. Of those, the first `seen` were there at an earlier call that needed more, so
// that bytes which come one by one are not searched again and again. A request without exactly one Host header is bad
// in HTTP/1.1 (RFC 9112, section 3.2).
HttpHeadResult parse_http_head(std::string_view bytes, std::size_t seen = 0);

// The common spelling of a header name: "sec-websocket-key" becomes "Sec-Websocket-Key". A name with characters that
// are not of a token stays as it is. (Go's textproto.CanonicalMIMEHeaderKey; services know headers by these names.)
std::string canonical_header_name(std::string_view name);

// A response that ends its connection.
struct HttpResponse {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::vector<HttpHeader> headers;  // further ones; no line breaks in names and values
};

// The bytes of a response, with Content-Length and Connection: close. Without the body for a HEAD request.
std::string serialize(const HttpResponse& response, bool with_body = true);

// The answer that opens a WebSocket connection (RFC 6455, section 4.2.2).
std::string switching_protocols(std::string_view accept);

}  // namespace resflow
