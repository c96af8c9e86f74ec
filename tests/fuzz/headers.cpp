// Fuzzes the headers that pass through the gateway: those of a client on their way to a service, and those of a service
// on their way to an HTTP client. Nobody may slip in a header or a line of their own.
#include <algorithm>
#include <string>
#include <variant>

#include "io/web/deflate_offer.hpp"
#include "io/web/http_head.hpp"
#include "io/web/http_response.hpp"
#include "io/web/upgrade.hpp"
#include "nodes/protocol/client_info.hpp"
#include "nodes/protocol/header_fields.hpp"
#include "nodes/protocol/json.hpp"
#include "nodes/protocol/meta.hpp"
#include "nodes/protocol/service_protocol.hpp"
#include "nodes/protocol/utf8.hpp"
#include "nodes/protocol/web_target.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace resflow;

namespace {

// What services get of a client's request must be JSON, whatever bytes the headers have.
void check_request(std::string_view text) {
  const HttpHeadResult result = parse_http_head(text);
  const auto* head = std::get_if<HttpRequestHead>(&result);
  if (head == nullptr) return;
  for (const auto& [name, value] : head->headers) fuzz::demand(valid_header(name, value));
  const ClientFields fields{"cid", std::string(head->host()), "10.0.0.1:0", head->target, head->headers};
  const ClientInfo info(fields);
  fuzz::demand(info.fields().headers == fields.headers && info.uri() == fields.uri);
  const std::string request = encode_auth_request(RequestFields{}, info);
  fuzz::demand(json::valid(request) && valid_utf8(request));
  if (const auto agreed = accept_deflate(*head)) fuzz::demand(agreed->starts_with("permessage-deflate"));
  const auto resource = read_resource(split_target(head->target), "/api/", head->method == "POST");
  if (resource) fuzz::demand(resource->rid.size() <= head->target.size());
}

// Counts the header lines of a response. No line may have a CR, LF or NUL inside.
std::size_t lines_in(std::string_view response) {
  const std::size_t end = response.find("\r\n\r\n");
  fuzz::demand(end != std::string_view::npos);
  std::string_view head = response.substr(0, end);
  std::size_t lines = 0;
  for (;;) {
    const std::size_t next = head.find("\r\n");
    const std::string_view line = head.substr(0, next);
    fuzz::demand(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    ++lines;
    if (next == std::string_view::npos) return lines;
    head.remove_prefix(next + 2);
  }
}

// A service's headers must not change how the response is read.
void check_response(const MetaPtr& meta) {
  if (!meta) return;
  fuzz::demand(!meta->status || valid_meta_status(*meta->status));
  const ResponseFraming framing{.with_body = true, .keep_alive = true};
  WebResponse response{meta->status.value_or(200), {}, "body"};
  const std::size_t own = lines_in(serialize(response, framing));
  merge_headers(response.headers, meta->headers);
  merge_headers(response.headers, meta->headers);  // access and call may both have a meta object
  for (const auto& [name, value] : response.headers) {
    fuzz::demand(valid_header(name, value) && !is_protected_header(canonical_header_name(name)));
  }
  const std::string bytes = serialize(response, framing);
  fuzz::demand(lines_in(bytes) == own + response.headers.size());
  const std::size_t upgraded = lines_in(switching_protocols("accept", meta->headers));
  fuzz::demand(upgraded == lines_in(switching_protocols("accept")) + meta->headers.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  switch (input.variant % 3) {
    case 0:
      check_request(input.text);
      break;
    case 1:
      check_response(decode_access_reply(input.text).value.meta);
      break;
    default:
      check_response(decode_call_reply(input.text).value.meta);
  }
  return 0;
}
