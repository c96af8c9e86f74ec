// Encodes the payloads of get, query, access, call and auth requests to services as JSON (RES-Service protocol,
// "Request payload"). Implements the encode functions of service_protocol.hpp.
#include <map>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/service_protocol.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

constexpr std::string_view kNull = "null";

void append_member(std::string& out, std::string_view name, std::string_view value) {
  const std::string_view start = out.size() > 1 ? R"(,")" : R"(")";
  out.append(start).append(name).append(R"(":)").append(value);
}

// Appends the text as a JSON string. Texts from HTTP requests may contain any bytes, so invalid UTF-8 is replaced.
void append_text(std::string& out, std::string_view text) {
  json::append_string(out, valid_utf8(text) ? text : to_valid_utf8(text));
}

void append_text_member(std::string& out, std::string_view name, std::string_view value) {
  append_member(out, name, "");
  append_text(out, value);
}

// Returns the JSON object of a request without its closing brace, so that the caller can add members.
std::string open_request(const RequestFields& fields) {
  std::string out = "{";
  out.reserve(64 + fields.params.size() + fields.token.size() + fields.query.size());
  if (!fields.params.empty()) append_member(out, "params", fields.params);
  append_member(out, "token", fields.token.empty() ? kNull : fields.token);
  if (!fields.query.empty()) append_text_member(out, "query", fields.query);
  append_text_member(out, "cid", fields.cid);
  if (fields.is_http) append_member(out, "isHttp", "true");
  return out;
}

// Returns the headers as a JSON object for an auth request. RES-Service protocol, "Auth request": "the key is the
// canonical format of the MIME header, and the value is an array of strings".
std::string encode_headers(const ClientInfo& info) {
  std::map<std::string_view, std::string> lists;
  for (const auto& [name, value] : info.headers()) {
    if (name == "Host") continue;  // the host has its own parameter, "host"
    std::string& list = lists[name];
    list += list.empty() ? '[' : ',';
    append_text(list, value);
  }
  std::string out = "{";
  for (const auto& [name, list] : lists) append_member(out, name, list + "]");
  out += '}';
  return out;
}

}  // namespace

std::string encode_get_request(std::string_view query) {
  if (query.empty()) return "{}";
  return encode_query_request(query);
}

std::string encode_query_request(std::string_view query) {
  std::string out = "{";
  append_text_member(out, "query", query);
  out += '}';
  return out;
}

std::string encode_request(const RequestFields& fields) {
  std::string out = open_request(fields);
  out += '}';
  return out;
}

std::string encode_auth_request(const RequestFields& fields, const ClientInfo& info) {
  std::string out = open_request(fields);
  append_member(out, "header", encode_headers(info));
  append_text_member(out, "host", info.host());
  append_text_member(out, "remoteAddr", info.remote_addr());
  append_text_member(out, "uri", info.uri());
  out += '}';
  return out;
}

}  // namespace resflow
