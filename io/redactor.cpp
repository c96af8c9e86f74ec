#include "io/redactor.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "io/random_number.hpp"
#include "nodes/json.hpp"

namespace resflow {

namespace {

bool is_secret_header(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"authorization", "proxy-authorization", "cookie", "set-cookie"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view secret) {
    return std::equal(name.begin(), name.end(), secret.begin(), secret.end(),
                      [](unsigned char a, char b) { return std::tolower(a) == b; });
  });
}

// The object with the members that `replace(key, text)` has another text for; as it is when it is no sound object.
// replace() returns an empty text for what stays.
template <typename Replace>
std::string with_members(std::string_view object, Replace&& replace) {
  std::string out;
  const char* copied = object.data();
  json::Cursor cursor(object);
  const bool sound = cursor.members([&](std::string_view key) {
    const std::string_view text = cursor.value();
    if (cursor.failed()) return;
    const std::string other = replace(key, text);
    if (other.empty()) return;
    out.append(copied, text.data()).append(other);
    copied = text.data() + text.size();
  });
  if (!sound) return std::string(object);
  out.append(copied, object.data() + object.size());
  return out;
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

// To have no token is no secret, and means something.
std::string Redactor::value(std::string_view text) const {
  return text == "null" ? std::string() : '"' + word(text) + '"';
}

Headers Redactor::headers(Headers headers) const {
  for (auto& [name, text] : headers) {
    if (is_secret_header(name)) text = word(text);
  }
  return headers;
}

// Headers as services see and send them: an object of lists.
std::string Redactor::header_object(std::string_view text) const {
  return with_members(text, [&](std::string_view name, std::string_view values) -> std::string {
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
  });
}

ParseIn Redactor::entered(ParseIn message) const {
  const auto hide = [&](ClientInfoPtr& info) {
    ClientFields hidden = info->fields();
    hidden.headers = headers(std::move(hidden.headers));
    info = std::make_shared<const ClientInfo>(hidden);
  };
  if (auto* m = std::get_if<Connected>(&message)) hide(m->info);
  if (auto* m = std::get_if<WebRequest>(&message)) hide(m->info);
  if (auto* m = std::get_if<ClientFrame>(&message)) m->text = client_frame(m->text);
  return message;
}

std::string Redactor::client_frame(std::string_view text) const {
  std::string scratch;
  bool is_auth = false;
  with_members(text, [&](std::string_view key, std::string_view value) -> std::string {
    if (key == "method") is_auth = json::decode_string(value).value_or("").starts_with("auth.");
    return {};
  });
  if (!is_auth) return std::string(text);
  return with_members(text, [&](std::string_view key, std::string_view params) {
    return key == "params" ? value(params) : std::string();
  });
}

ServiceReply Redactor::entered(ServiceReply reply) const {
  // A name can be spelt with escapes.
  if (reply.payload.find("\"header\"") == std::string::npos && reply.payload.find('\\') == std::string::npos)
    return reply;
  reply.payload = with_members(reply.payload, [&](std::string_view key, std::string_view meta) -> std::string {
    if (key != "meta") return {};
    return with_members(meta, [&](std::string_view name, std::string_view header) {
      return name == "header" ? header_object(header) : std::string();
    });
  });
  return reply;
}

ServiceMessage Redactor::entered(ServiceMessage message) const {
  if (!message.subject.starts_with("conn.")) return message;
  message.payload = with_members(message.payload, [&](std::string_view key, std::string_view token) {
    return key == "token" ? value(token) : std::string();
  });
  return message;
}

std::string Redactor::request(std::string_view subject, std::string_view payload) const {
  const bool is_auth = subject.starts_with("auth.");
  return with_members(payload, [&](std::string_view key, std::string_view text) -> std::string {
    if (key == "token" || (is_auth && key == "params")) return value(text);
    return key == "header" ? header_object(text) : std::string();
  });
}

}  // namespace resflow
