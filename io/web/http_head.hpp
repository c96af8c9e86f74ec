// Parses the head of an HTTP/1.1 request (RFC 9112). No I/O; any thread may use it. http_body.hpp reads the body that
// follows the head, http_response.hpp writes the response.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// The most bytes of a request head. The server answers a longer head with status 431.
inline constexpr std::size_t kMaxHttpHead = 64 * 1024;

struct HttpRequestHead {
  std::string method;  // as sent; case-sensitive
  std::string target;  // exactly as sent, nothing decoded
  int version = 11;    // 11: HTTP/1.1, 10: HTTP/1.0
  Headers headers;
  std::size_t size = 0;  // bytes of the head; the body comes next, or WebSocket frames after an upgrade

  // Returns the value of the first header with that name, or null. The name must be in the canonical form, such as
  // "Content-Length".
  const std::string* find(std::string_view name) const;
  // Returns how many headers have that name. The name must be in the canonical form, such as "Content-Length".
  std::size_t count(std::string_view name) const;
  // Returns true if a header with that name contains the token in its value, a comma-separated list (RFC 9110, section
  // 5.6.1). The name must be in the canonical form, such as "Content-Length". Ignores the letter case of the token.
  bool has_token(std::string_view name, std::string_view token) const;
  // Returns the path of the request target, without decoding it.
  std::string_view path() const;
  // Returns the host that the request is for. Takes it from the target if this is a whole URL (absolute form),
  // otherwise from the Host header (RFC 9112, section 3.2.2).
  std::string_view host() const;
  bool has_body() const;
  // Returns true if the client may send another request on the connection (RFC 9112, section 9.3).
  bool keep_alive() const;
};

// A result of parse_http_head(): the head is not complete yet.
struct NeedMoreBytes {};

// A result of parse_http_head(): the bytes are not an acceptable request. The caller must answer with `status`, and
// then close the connection.
struct BadRequestHead {
  unsigned status = 400;
  std::string reason;
};

using HttpHeadResult = std::variant<NeedMoreBytes, BadRequestHead, HttpRequestHead>;

// Parses the request head at the start of `bytes`. Returns NeedMoreBytes if the end of the head has not come yet. Then
// the caller calls this function again with the same bytes and more. `seen` says how many bytes the previous call had;
// it is 0 in the first call. These bytes are not searched again, so a head that comes byte by byte costs little. A
// request is bad if it has several Host headers, a malformed Host header, or no Host header in HTTP/1.1 (RFC 9112,
// section 3.2).
HttpHeadResult parse_http_head(std::string_view bytes, std::size_t seen = 0);

// Searches the bytes for a header, and returns its value; nullopt if the header is not found. The bytes need not be a
// valid or complete request head. With this function, HttpServer reads the Origin header of a bad request, because the
// error response needs CORS headers.
std::optional<std::string_view> peek_header(std::string_view bytes, std::string_view name);

}  // namespace resflow
