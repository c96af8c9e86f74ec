#include "io/capture/redactor.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "io/random_number.hpp"
#include "nodes/protocol/request_members.hpp"

namespace resflow {

namespace {

constexpr std::string_view kAuth = "auth.";

// Returns whether the text contains the word, in upper or lower case. `word` itself must be in lower case.
bool contains_ignoring_case(std::string_view text, std::string_view word) {
  const auto same = [](char x, char y) { return to_lower(x) == y; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

// Returns whether the JSON text may contain the word. Also returns true if the text has a backslash: escapes such as
// \u0061 can spell any word.
bool may_contain(std::string_view text, std::string_view word) {
  return contains_ignoring_case(text, word) || text.find('\\') != std::string_view::npos;
}

// Returns whether the name of a header suggests that its value is secret, such as X-Auth-Token, X-Api-Key or
// X-Session-Id. There is no complete list of such names, so this function looks for words in the name.
// Sec-WebSocket-Protocol counts as secret: a web page can set no other header for a WebSocket, so some pages send a
// token in it. CORS headers (Access-Control-...) never count as secret: their values are no secrets, even if the name
// has one of the words, as in Access-Control-Allow-Credentials.
bool is_secret_header(std::string_view name) {
  constexpr std::array<std::string_view, 11> words{"authorization",
                                                   "cookie",
                                                   "token",
                                                   "secret",
                                                   "password",
                                                   "session",
                                                   "api-key",
                                                   "apikey",
                                                   "credential",
                                                   "jwt",
                                                   "sec-websocket-protocol"};
  constexpr std::string_view cors = "access-control-";
  if (equal_ignoring_case(name.substr(0, cors.size()), cors)) return false;
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return contains_ignoring_case(name, word); });
}

// Copies a text and replaces some parts of it. The caller must name these parts in the order in which they stand in the
// text.
class Replacing {
 public:
  explicit Replacing(std::string_view text) : text_(text) {}

  void replace(std::string_view part, std::string_view other) {
    out_.append(text_.substr(copied_, offset(part) - copied_)).append(other);
    copied_ = offset(part) + part.size();
  }
  std::string finish() { return out_.append(text_.substr(copied_)); }

 private:
  std::size_t offset(std::string_view part) const { return static_cast<std::size_t>(part.data() - text_.data()); }

  std::string_view text_;
  std::string out_;
  std::size_t copied_ = 0;
};

// Copies a JSON object and replaces values of its members. replace(key, text) gets each member, and returns its new
// value, or an empty text to keep the old value. Returns nullopt if `object` is not a valid JSON object.
template <typename Replace>
std::optional<std::string> with_members(std::string_view object, Replace&& replace) {
  Replacing out(object);
  json::Cursor cursor(object);
  cursor.members([&](std::string_view key) {
    const std::string_view text = cursor.value();
    if (cursor.failed()) return;
    const std::string other = replace(key, text);
    if (!other.empty()) out.replace(text, other);
  });
  if (cursor.failed() || !cursor.at_end()) return std::nullopt;
  return out.finish();
}

}  // namespace

Redactor::Redactor() : key_(random_number()) {}

std::string Redactor::word(std::string_view secret) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "redacted-";
  XXH64_hash_t hash = XXH3_64bits_withSeed(secret.data(), secret.size(), key_);
  for (int i = 0; i < 8; ++i, hash >>= 4) out += digits[hash & 15];
  return out;
}

// Returns the JSON string that replaces a secret value. If the value is null (there is no token), returns an empty
// text. The caller then keeps the null, since a replay of the capture must also see that there is no token.
std::string Redactor::value(std::string_view text) const {
  return text == "null" ? std::string() : '"' + word(text) + '"';
}

Headers Redactor::headers(Headers headers) const {
  for (auto& [name, text] : headers) {
    if (is_secret_header(name)) text = word(text);
  }
  return headers;
}

// Returns `text`, a JSON object with HTTP headers, with its secret headers hidden. The name of each member is the name
// of a header; its value is a list of texts. Returns an empty text if `text` is not a valid JSON object; the caller
// then keeps `text`.
std::string Redactor::header_object(std::string_view text) const {
  const auto hide = [&](std::string_view name, std::string_view values) -> std::string {
    if (!is_secret_header(name)) return {};
    std::string list = "[";
    std::string scratch;
    json::Cursor cursor(values);
    const bool sound = cursor.elements([&] {
      if (cursor.kind() != json::Kind::string) return cursor.fail();
      if (list.size() > 1) list += ',';
      list += '"' + word(cursor.string(scratch)) + '"';
    });
    return sound ? list + ']' : std::string(R"(["redacted"])");
  };
  return with_members(text, hide).value_or("");
}

ParseIn Redactor::entered(ParseIn message) const {
  const auto hide = [&](ClientInfoPtr& info) {
    ClientFields hidden = info->fields();
    hidden.headers = headers(std::move(hidden.headers));
    info = std::make_shared<const ClientInfo>(hidden);
  };
  if (auto* m = std::get_if<Connected>(&message)) hide(m->info);
  if (auto* m = std::get_if<WebRequest>(&message)) hide(m->info);
  if (auto* m = std::get_if<ClientText>(&message)) m->text = client_frame(m->text);
  return message;
}

// Hides the params of an auth request: with such a request, a client logs in at a service, so the params may have a
// password. Reads `text` with request_members(), as the gateway itself does, so both recognize the same requests. A
// request with several members `method` is hidden if at least one of them is an auth method. A text that is not a JSON
// object may be an auth request with a syntax error. So it is hidden completely if it contains "auth.", or a backslash:
// an escape such as \u0061 may stand for a letter of "auth.".
std::string Redactor::client_frame(std::string_view text) const {
  std::vector<std::string_view> params;
  std::string scratch;
  bool is_auth = false;
  const bool is_object = request_members(text, [&](RequestMember member, json::Cursor& in) {
    if (member == RequestMember::method && in.kind() == json::Kind::string) {
      is_auth = equal_ignoring_case(in.string(scratch).substr(0, kAuth.size()), kAuth) || is_auth;
      return;
    }
    const std::string_view value = in.value();
    if (member == RequestMember::params) params.push_back(value);
  });
  if (!is_object) return may_contain(text, kAuth) ? word(text) : std::string(text);
  if (!is_auth) return std::string(text);
  Replacing out(text);
  for (const std::string_view secret : params) {
    const std::string other = value(secret);
    if (!other.empty()) out.replace(secret, other);
  }
  return out.finish();
}

// Hides secret headers in a reply from a service: a reply may have HTTP headers in `header` inside its member `meta`.
// Ignores the case of member names, since services may write them in upper or lower case.
ServiceReply Redactor::entered(ServiceReply reply) const {
  if (!may_contain(reply.payload, "header")) return reply;
  const auto header = [&](std::string_view name, std::string_view text) {
    return equal_ignoring_case(name, "header") ? header_object(text) : std::string();
  };
  const auto meta = [&](std::string_view name, std::string_view text) {
    return equal_ignoring_case(name, "meta") ? with_members(text, header).value_or("") : std::string();
  };
  auto payload = with_members(reply.payload, meta);
  if (payload) {
    reply.payload = std::move(*payload);
  } else if (may_contain(reply.payload, "cookie") || may_contain(reply.payload, "authorization")) {
    reply.payload = word(reply.payload);
  }
  return reply;
}

ServiceMessage Redactor::entered(ServiceMessage message) const {
  if (!message.subject.starts_with("conn.") || message.payload.empty()) return message;
  auto payload = with_members(message.payload, [&](std::string_view key, std::string_view token) {
    return equal_ignoring_case(key, "token") ? value(token) : std::string();
  });
  message.payload = payload ? std::move(*payload) : word(message.payload);
  return message;
}

// Hides secrets in a request to a service: tokens, secret headers, and the params of auth requests (a client's login at
// a service). The gateway itself has written `payload`, so it is valid JSON, and its member names are in lower case.
std::string Redactor::request(std::string_view subject, std::string_view payload) const {
  const bool is_auth = subject.starts_with(kAuth);
  const auto hide = [&](std::string_view key, std::string_view text) -> std::string {
    if (key == "token" || (is_auth && key == "params")) return value(text);
    return key == "header" ? header_object(text) : std::string();
  };
  return with_members(payload, hide).value_or(std::string(payload));
}

}  // namespace resflow
