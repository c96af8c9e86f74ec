// The head of an HTTP/1.1 request from bytes (RFC 9112). Pure, no sockets; any thread. For what follows it see
// http_body.hpp, for answers http_response.hpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

// The most bytes of a request head; above it the answer is 431.
inline constexpr std::size_t kMaxHttpHead = 64 * 1024;

struct HttpRequestHead {
  std::string method;  // as sent, case matters
  std::string target;  // exactly as sent, nothing decoded
  int version = 11;    // 10 or 11
  Headers headers;
  std::size_t size = 0;  // bytes consumed; what follows them is the body or, after an upgrade, frames

  // The first header of that canonical name, or null.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // True if one of the comma-separated lists of that name has the token, in any case (RFC 9110, section 5.6.1).
  bool has_token(std::string_view name, std::string_view token) const;
  // The target's path, as sent.
  std::string_view path() const;
  // Whose resource it is: of the target if it is in absolute form, else of the Host header (RFC 9112, section 3.2.2).
  std::string_view host() const;
  bool has_body() const;
  // The connection takes another request after this one (RFC 9112, section 9.3).
  bool keep_alive() const;
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
// that bytes which come one by one are not searched again and again. A request with several Host headers, a malformed
// one, or none in HTTP/1.1 is bad (RFC 9112, section 3.2).
HttpHeadResult parse_http_head(std::string_view bytes, std::size_t seen = 0);

// The value of a header in bytes that are no sound head, or not a whole one, for an answer that depends on it. Nullopt
// when it is not found.
std::optional<std::string_view> peek_header(std::string_view bytes, std::string_view name);

}  // namespace resflow
