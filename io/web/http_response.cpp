#include "io/web/http_response.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>

namespace resflow {
namespace {

namespace http = boost::beast::http;

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Appends the status line. A service may choose a status without a standard name, such as 299. For such a status, the
// reason phrase is "status code 299", the same as that of Go's servers.
void append_status_line(std::string& out, unsigned status) {
  const std::string number = std::to_string(status);
  out.append("HTTP/1.1 ").append(number).append(1, ' ');
  if (http::int_to_status(status) == http::status::unknown) {
    out.append("status code ").append(number).append("\r\n");
  } else {
    const auto reason = http::obsolete_reason(http::int_to_status(status));
    out.append(reason.data(), reason.size()).append("\r\n");
  }
}

bool may_have_body(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string serialize(const WebResponse& response, const ResponseFraming& framing) {
  std::string out;
  out.reserve(256 + response.body.size());
  append_status_line(out, response.status);
  if (!framing.date.empty()) append_header(out, "Date", framing.date);
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  const bool body_allowed = may_have_body(response.status);
  if (body_allowed) append_header(out, "Content-Length", std::to_string(response.body.size()));
  if (!framing.keep_alive) {
    append_header(out, "Connection", "close");
  } else if (framing.http10) {
    append_header(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
  if (framing.with_body && body_allowed) out.append(response.body);
  return out;
}

std::string switching_protocols(std::string_view accept, const Headers& headers) {
  std::string out;
  append_status_line(out, 101);
  append_header(out, "Upgrade", "websocket");
  append_header(out, "Connection", "Upgrade");
  append_header(out, "Sec-WebSocket-Accept", accept);
  for (const auto& [name, value] : headers) append_header(out, name, value);
  return out.append("\r\n");
}

std::string_view continue_response() {
  return "HTTP/1.1 100 Continue\r\n\r\n";
}

std::string http_date(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace resflow
