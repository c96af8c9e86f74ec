#include "io/web/http_body.hpp"

// Turns off the assertions of Boost.Beast, because one of them fails for a valid request: a chunked body without data
// whose end, "0\r\n\r\n", comes in several parts. Beast works correctly without the assertion.
#define BOOST_DISABLE_ASSERTS
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>

namespace resflow {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

namespace {

// Returns true for a control character that a quoted text must not contain (RFC 9110, section 5.6.4).
bool is_control(char c) {
  return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7F';
}

// Returns true if the header line of a chunk is complete, but a quoted text in it has no closing quote. Such a line is
// malformed, but Beast would look for the closing quote in the bytes after the line. `bytes`: the bytes that the parser
// has not used yet; they begin with the header line.
bool has_open_quote(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // the line end after the data of the previous chunk
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return false;
  bool quoted = false;
  for (std::size_t i = 0; i < end; ++i) {
    if (quoted && bytes[i] == '\\') {
      ++i;
    } else if (bytes[i] == '"') {
      quoted = !quoted;
    }
  }
  return quoted;
}

}  // namespace

// The parser of Boost.Beast. It stores the body of the request, and ignores the headers.
class HttpBodyReader::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(std::size_t max_size) {
    header_limit(UINT32_MAX);  // no limit here, because http_head.cpp has checked the head
    body_limit(max_size);
    eager(true);
  }

  std::string body;

 private:
  void on_request_impl(http::verb, BeastView, BeastView, int, error_code&) override {}
  void on_field_impl(http::field, BeastView, BeastView, error_code&) override {}
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  // Refuses control characters in the extensions of a chunk, even in quoted text, where Beast allows them. Another
  // server, between the client and this gateway, may take an LF in quoted text for the end of the line. Then it would
  // see a different request than this gateway (request smuggling).
  void on_chunk_header_impl(std::uint64_t, BeastView extensions, error_code& ec) override {
    if (std::any_of(extensions.begin(), extensions.end(), is_control)) ec = http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

HttpBodyReader::HttpBodyReader(std::string_view head, std::size_t max_size)
    : parser_(std::make_unique<Parser>(max_size)) {
  feed(head);
}

HttpBodyReader::~HttpBodyReader() = default;

std::string& HttpBodyReader::body() {
  return parser_->body;
}

std::size_t HttpBodyReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (state_ == State::more && used < bytes.size()) {
    error_code ec;
    const std::size_t taken = parser_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
    used += taken;
    if (ec == http::error::body_limit) {
      state_ = State::too_large;
    } else if (ec && ec != http::error::need_more) {
      state_ = State::malformed;
    } else if (parser_->is_done()) {
      state_ = State::done;
    } else if (taken == 0 || ec == http::error::need_more) {
      break;
    }
  }
  const std::string_view waiting = bytes.substr(used);
  if (state_ == State::more && (waiting.size() > kMaxChunkHead || has_open_quote(waiting))) state_ = State::malformed;
  return used;
}

}  // namespace resflow
