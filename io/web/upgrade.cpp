#include "io/web/upgrade.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <array>

#include "nodes/protocol/origins.hpp"
#include "nodes/protocol/web_target.hpp"

namespace resflow {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // fixed by RFC 6455, section 1.3
constexpr std::size_t kSha1Size = 20;
constexpr std::size_t kKeySize = 24;  // the length of 16 bytes in base64

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

// Returns true if `key` consists of 16 bytes in base64: 22 base64 characters and two characters of padding (RFC 6455,
// section 4.2.1, item 5).
bool is_key(std::string_view key) {
  return key.size() == kKeySize && key.substr(kKeySize - 2) == "==" &&
         std::all_of(key.begin(), key.end() - 2, is_base64);
}

}  // namespace

std::string handshake_accept(std::string_view key) {
  std::string text(key);
  text.append(kGuid);
  std::array<unsigned char, kSha1Size> digest{};
  lws_SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<char, 32> encoded{};
  const int size = lws_b64_encode_string(reinterpret_cast<const char*>(digest.data()), static_cast<int>(digest.size()),
                                         encoded.data(), static_cast<int>(encoded.size()));
  return size < 0 ? std::string() : std::string(encoded.data(), static_cast<std::size_t>(size));
}

UpgradeDecision check_upgrade(const HttpRequestHead& head, std::string_view ws_path,
                              const std::vector<std::string>& allow_origins) {
  if (ws_path.empty() || percent_decode(head.path()) != ws_path) return NotAnUpgrade{};
  // The checks of RFC 6455, section 4.2.1, in its order, except that HTTP/1.0 is allowed: nginx as a proxy may use
  // HTTP/1.0.
  if (!head.has_token("Upgrade", "websocket")) return RefuseUpgrade{400, "this is the path of the WebSocket"};
  if (head.method != "GET") return RefuseUpgrade{405, "a WebSocket is opened by a GET", {{"Allow", "GET"}}};
  // A handshake must not have a body: the server would take the bytes of the body for WebSocket frames.
  if (head.has_body()) return RefuseUpgrade{400, "a WebSocket is opened without a body"};
  if (!head.has_token("Connection", "upgrade")) return RefuseUpgrade{400, "Connection lacks upgrade"};
  const std::string* version = head.find("Sec-Websocket-Version");
  if (version == nullptr || *version != "13") {
    // RFC 6455 (section 4.4) and RFC 9110 (section 15.5.22) require these headers.
    const Headers wanted{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}};
    return RefuseUpgrade{426, "WebSocket version 13 is required", wanted};
  }
  const std::string* key = head.find("Sec-Websocket-Key");
  if (key == nullptr || head.count("Sec-Websocket-Key") != 1 || !is_key(*key)) {
    return RefuseUpgrade{400, "bad Sec-WebSocket-Key"};
  }
  const std::string* origin = head.find("Origin");
  if (origin != nullptr && !origin_allowed(allow_origins, *origin)) return RefuseUpgrade{403, "origin not allowed"};
  return AcceptUpgrade{handshake_accept(*key)};
}

}  // namespace resflow
