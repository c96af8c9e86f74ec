#include "io/web/http_head.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>

#include "nodes/base/ascii.hpp"
#include "nodes/base/text_parts.hpp"
#include "nodes/protocol/header_fields.hpp"
#include "nodes/protocol/web_target.hpp"

namespace resflow {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
// Beast's type for string views. Which type this is depends on the version of Boost.
using BeastView = boost::beast::string_view;

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::size_t kMaxMethod = 32;

// Parses a head with Boost.Beast, and stores the result in an HttpRequestHead. The containers of Beast are not used
// here, because they would group repeated headers together. Services must get the headers in the order in which the
// client sent them.
class HeadParser final : public http::basic_parser<true> {
 public:
  explicit HeadParser(HttpRequestHead& head) : head_(head) {
    header_limit(kMaxHttpHead);
    body_limit(boost::none);  // no limit here, because HttpBodyReader reads the body
  }

 private:
  void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code&) override {
    head_.method.assign(method.data(), method.size());
    head_.target.assign(target.data(), target.size());
    head_.version = version;
  }
  void on_field_impl(http::field, BeastView name, BeastView value, error_code&) override {
    head_.headers.emplace_back(canonical_header_name({name.data(), name.size()}),
                               std::string(value.data(), value.size()));
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  HttpRequestHead& head_;
};

// Returns 2 if the bytes begin with an empty line, otherwise 0. An empty line is allowed before the request line (RFC
// 9112, section 2.2).
std::size_t empty_line(std::string_view bytes) {
  return bytes.substr(0, 2) == "\r\n" ? 2 : 0;
}

// Returns true if the bytes may be the beginning of an HTTP request. If they cannot be, for example because they are a
// TLS handshake, the server refuses the connection at once, and does not wait for the end of a head.
bool may_be_request(std::string_view bytes) {
  const std::size_t n = std::min(bytes.size(), kMaxMethod + 1);
  for (std::size_t i = 0; i < n; ++i) {
    if (bytes[i] == ' ') return i > 0;
    if (!is_token_char(bytes[i])) return bytes == "\r";
  }
  return bytes.size() <= kMaxMethod;
}

// Returns true for a character that may occur in a Host header: in a host (RFC 3986, section 3.2.2), or in its port.
bool is_host_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!$%&'()*+,-.:;=[]_~").find(c) != std::string_view::npos;
}

bool valid_host(const HttpRequestHead& head) {
  const std::string* host = head.find("Host");
  if (host == nullptr) return head.version == 10;
  return head.count("Host") == 1 && std::all_of(host->begin(), host->end(), is_host_char);
}

// Parses `text`, a complete request head: from the request line to the empty line after the headers.
HttpHeadResult parse_complete(std::string_view text) {
  HttpRequestHead head;
  HeadParser parser(head);
  error_code ec;
  parser.put(boost::asio::const_buffer(text.data(), text.size()), ec);
  if (ec == http::error::header_limit) return BadRequestHead{431, "request head too large"};
  if (ec || !parser.is_header_done()) return BadRequestHead{400, ec ? ec.message() : "malformed request"};
  if (!valid_host(head)) return BadRequestHead{400, "one Host header is required"};
  return head;
}

bool list_has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equal_ignoring_case(trim(take_part(list, ',')), token)) return true;
  }
  return false;
}

}  // namespace

const std::string* HttpRequestHead::find(std::string_view name) const {
  for (const HeaderField& header : headers) {
    if (header.first == name) return &header.second;
  }
  return nullptr;
}

std::size_t HttpRequestHead::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const HeaderField& header) { return header.first == name; }));
}

bool HttpRequestHead::has_token(std::string_view name, std::string_view token) const {
  return std::any_of(headers.begin(), headers.end(), [&](const HeaderField& header) {
    return header.first == name && list_has_token(header.second, token);
  });
}

std::string_view HttpRequestHead::path() const {
  return split_target(target).path;
}

std::string_view HttpRequestHead::host() const {
  const WebTarget parts = split_target(target);
  if (!parts.authority.empty()) return parts.authority;
  const std::string* header = find("Host");
  return header == nullptr ? std::string_view() : std::string_view(*header);
}

bool HttpRequestHead::has_body() const {
  return find("Transfer-Encoding") != nullptr || (find("Content-Length") != nullptr && *find("Content-Length") != "0");
}

bool HttpRequestHead::keep_alive() const {
  if (version == 11) return !has_token("Connection", "close");
  return has_token("Connection", "keep-alive");
}

HttpHeadResult parse_http_head(std::string_view bytes, std::size_t seen) {
  const std::size_t start = empty_line(bytes);
  if (!may_be_request(bytes.substr(start))) return BadRequestHead{400, "not an HTTP request"};
  const std::size_t overlap = std::min(seen, kEndOfHead.size() - 1);
  const std::size_t end = bytes.find(kEndOfHead, std::max(start, seen - overlap));
  const std::size_t size = end == std::string_view::npos ? bytes.size() : end + kEndOfHead.size();
  if (size > kMaxHttpHead) return BadRequestHead{431, "request head too large"};
  if (end == std::string_view::npos) return NeedMoreBytes{};
  HttpHeadResult result = parse_complete(bytes.substr(start, size - start));
  if (auto* head = std::get_if<HttpRequestHead>(&result)) head->size = size;
  return result;
}

std::optional<std::string_view> peek_header(std::string_view bytes, std::string_view name) {
  for (std::size_t at = bytes.find("\r\n"); at != std::string_view::npos; at = bytes.find("\r\n")) {
    bytes.remove_prefix(at + 2);
    const std::size_t end = bytes.find("\r\n");
    const std::string_view line = bytes.substr(0, end);
    const std::size_t colon = line.find(':');
    const bool whole = end != std::string_view::npos && colon != std::string_view::npos;
    if (whole && equal_ignoring_case(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

}  // namespace resflow
