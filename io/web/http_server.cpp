#include "io/web/http_server.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <ctime>
#include <memory>
#include <utility>

#include "io/web/deflate_offer.hpp"
#include "io/web/forwarded.hpp"
#include "io/web/http_head.hpp"
#include "io/web/http_response.hpp"
#include "io/web/upgrade.hpp"
#include "nodes/protocol/origins.hpp"
#include "nodes/protocol/rid.hpp"

namespace resflow {
namespace {

// The most bytes of further requests (HTTP pipelining) that a connection keeps while the current request has no answer
// yet. If more bytes come, the server stops reading from the client until the current request is answered.
constexpr std::size_t kMaxPipelined = kMaxHttpHead;

// Between two requests, a connection keeps an empty receive buffer of up to this many bytes for the next request. A
// larger buffer is freed.
constexpr std::size_t kIdleBuffer = 4 * 1024;

// Returns a new random connection id (cid in the RES protocol), by which services tell the connections of clients
// apart. The cid must be hard to guess: an attacker who knows the cid of another client could send requests in the name
// of this client.
std::string new_cid() {
  static constexpr char kDigits[] = "0123456789abcdef";
  static_assert(2 * boost::uuids::uuid::static_size() <= kMaxCidSize);
  const boost::uuids::uuid uuid = boost::uuids::random_generator()();
  std::string cid;
  cid.reserve(2 * uuid.size());
  for (const unsigned byte : uuid) {
    cid.push_back(kDigits[byte >> 4]);
    cid.push_back(kDigits[byte & 0xF]);
  }
  return cid;
}

// Returns the client's address as ip:port. For a client behind an HTTP proxy the port is 0, because the proxy does not
// report the port.
std::string remote_addr(const HttpExchange& http, const std::vector<IpNetwork>& trusted) {
  const IpAddress client = client_address(http.head, http.address, trusted);
  return client.with_port(client == http.address ? http.port : 0);
}

// Returns what the gateway may tell services about a request: connection id, client address, host, URI and headers.
// Moves the URI and the headers out of `http` instead of copying them. The headers of the result do not include Host,
// because the result has a field `host`.
ClientInfoPtr take_info(HttpExchange& http, const std::vector<IpNetwork>& trusted) {
  ClientFields fields;
  fields.cid = new_cid();
  fields.remote_addr = remote_addr(http, trusted);
  fields.host = http.head.host();
  fields.uri = std::move(http.head.target);
  fields.headers = std::move(http.head.headers);
  std::erase_if(fields.headers, [](const HeaderField& header) { return header.first == "Host"; });
  return std::make_shared<const ClientInfo>(fields);
}

// Checks the header Transfer-Encoding, which says how to find the end of a request's body. Returns 0 if the header is
// missing or valid. Otherwise returns the status of the error response: 400 if a proxy and this server could disagree
// about where the body ends, or 501 if this server does not support the encoding.
unsigned framing_error(const HttpRequestHead& head) {
  const std::string* encoding = head.find("Transfer-Encoding");
  if (encoding == nullptr) return 0;
  if (head.version == 10 || head.find("Content-Length") != nullptr) return 400;
  const bool plain = head.count("Transfer-Encoding") == 1 && head.has_token("Transfer-Encoding", "chunked") &&
                     encoding->find(',') == std::string::npos;
  return plain ? 0 : 501;
}

}  // namespace

void HttpServer::read(Connection& connection, std::string_view bytes) {
  std::string& waiting = connection.http->bytes;
  waiting.append(bytes);
  if (connection.state == ConnectionState::requesting) {
    read_request(connection);
  } else if (waiting.size() > kMaxPipelined) {
    core_.pauses.begin(connection, Pause::requests);
  }
  core_.held_input.recount(connection);
}

// Processes bytes that came while the previous request was being answered. Does nothing while the connection has a
// backlog (responses that the client has not read yet), so that responses do not pile up. When the backlog is written,
// WebServer calls this function again.
void HttpServer::read_again(Connection& connection) {
  if (has_backlog(connection)) return;
  read_request(connection);
  core_.held_input.recount(connection);
}

void HttpServer::read_request(Connection& connection) {
  HttpExchange& http = *connection.http;
  if (http.body) return read_body(connection);
  if (http.bytes.empty()) return;
  HttpHeadResult result = parse_http_head(http.bytes, http.seen);
  http.seen = http.bytes.size();
  if (const auto* bad = std::get_if<BadRequestHead>(&result)) return refuse_page(connection, bad->status, bad->reason);
  if (auto* head = std::get_if<HttpRequestHead>(&result)) {
    http.head = std::move(*head);
    on_head(connection);
  }
}

void HttpServer::on_head(Connection& connection) {
  HttpExchange& http = *connection.http;
  UpgradeDecision decision = check_upgrade(http.head, core_.options.ws_path, core_.options.allow_origins);
  if (const auto* refused = std::get_if<RefuseUpgrade>(&decision)) {
    return refuse(connection, refused->status, refused->reason, refused->headers);
  }
  if (is_refused_for_address(connection, std::holds_alternative<AcceptUpgrade>(decision))) {
    return refuse_page(connection, 503, "too many connections", {{"Retry-After", "1"}});
  }
  if (const unsigned status = framing_error(http.head)) {
    return refuse_page(connection, status, "bad Transfer-Encoding");
  }
  const std::string head = http.bytes.substr(0, http.head.size);
  http.bytes.erase(0, http.head.size);
  http.seen = 0;
  if (auto* accepted = std::get_if<AcceptUpgrade>(&decision)) {
    return start_websocket(connection, std::move(accepted->accept));
  }
  if (!http.head.has_body()) return pass_request(connection);
  begin_body(connection, head);
}

void HttpServer::begin_body(Connection& connection, std::string_view head) {
  HttpExchange& http = *connection.http;
  http.body =
      std::make_unique<HttpBodyReader>(head.substr(head.find_first_not_of("\r\n")), core_.options.max_message_size);
  const bool client_waits =
      http.bytes.empty() && http.head.version == 11 && http.head.has_token("Expect", "100-continue");
  if (client_waits && http.body->state() == HttpBodyReader::State::more &&
      !core_.output.write(connection, continue_response())) {
    return;
  }
  read_body(connection);
}

void HttpServer::read_body(Connection& connection) {
  HttpExchange& http = *connection.http;
  http.bytes.erase(0, http.body->feed(http.bytes));
  switch (http.body->state()) {
    case HttpBodyReader::State::more:
      return;
    case HttpBodyReader::State::done:
      return pass_request(connection);
    case HttpBodyReader::State::malformed:
      return refuse_page(connection, 400, "malformed request body");
    case HttpBodyReader::State::too_large:
      return refuse_page(connection, 413, "request body too large");
  }
}

void HttpServer::pass_request(Connection& connection) {
  HttpExchange& http = *connection.http;
  core_.table.renew(connection);
  connection.state = ConnectionState::answering;
  connection.announced = true;
  core_.pauses.begin(connection, Pause::answer);
  connection.closes_after = connection.closes_after || !http.head.keep_alive();
  ++core_.counters.requests;
  std::string body = http.body ? std::move(http.body->body()) : std::string();
  http.body = nullptr;
  core_.sink.request(WebRequest{core_.table.id_of(connection), take_info(http, core_.options.trusted_proxies),
                                http.head.method, std::move(body)});
}

void HttpServer::start_websocket(Connection& connection, std::string accept) {
  core_.table.renew(connection);
  connection.http->accept = std::move(accept);
  if (core_.options.compression) connection.http->extensions = accept_deflate(connection.http->head).value_or("");
  Connected client{core_.table.id_of(connection), take_info(*connection.http, core_.options.trusted_proxies),
                   core_.options.hold_handshakes ? ClientKind::held : ClientKind::websocket};
  connection.state = ConnectionState::opening;
  core_.deadlines.schedule(connection);
  if (client.kind == ClientKind::websocket && !open(connection, {})) return;
  connection.announced = true;
  core_.sink.connected(std::move(client));
}

// Opens the WebSocket connection: sends the response with status 101 and `headers`. Returns false if the connection is
// lost.
bool HttpServer::open(Connection& connection, const Headers& headers) {
  Headers all = headers;
  connection.compressed = !connection.http->extensions.empty();
  if (connection.compressed) all.emplace_back("Sec-WebSocket-Extensions", connection.http->extensions);
  if (!core_.output.write(connection, switching_protocols(connection.http->accept, all))) return false;
  connection.state = ConnectionState::open;
  connection.websocket = true;
  connection.decoder = WebSocketDecoder(core_.options.max_message_size, connection.compressed);
  ++core_.counters.opened;
  if (connection.http->bytes.empty()) {
    connection.http = nullptr;
  } else {
    core_.next.read_again(connection);
  }
  core_.held_input.recount(connection);
  return true;
}

void HttpServer::accept(Connection& connection, const Headers& headers) {
  core_.pauses.end(connection, Pause::requests);
  open(connection, headers);
}

void HttpServer::respond(Connection& connection, const WebResponse& response) {
  const bool opening = connection.state == ConnectionState::opening;
  connection.announced = false;
  answer(connection, response, !opening && !connection.closes_after);
}

void HttpServer::refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers) {
  WebResponse response{status, std::move(headers), std::string(reason) + "\n"};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  answer(connection, response, false);
}

// Answers a request with an error, and ends the connection. If the option `cors` is set, adds CORS headers, so that a
// web page of an allowed origin can read the error.
void HttpServer::refuse_page(Connection& connection, unsigned status, std::string_view reason, Headers headers) {
  if (core_.options.cors) {
    const HttpExchange& http = *connection.http;
    const std::string* known = http.head.find("Origin");
    const auto origin = known == nullptr ? peek_header(http.bytes, "Origin") : std::optional<std::string_view>(*known);
    const bool cacheable = http.head.method == "GET" || http.head.method == "HEAD";
    const Headers cors = cors_headers(core_.options.allow_origins, core_.options.cors_credentials, origin, cacheable);
    headers.insert(headers.begin(), cors.begin(), cors.end());
  }
  refuse(connection, status, reason, std::move(headers));
}

// Returns true if the request must be refused, because the client's IP address has too many connections, or makes new
// connections too fast. A client that connects directly was counted when it connected. A client behind a trusted proxy
// is counted here, and only for its WebSocket connections: the proxy sends the ordinary requests of many clients over
// the same connection.
bool HttpServer::is_refused_for_address(Connection& connection, bool opens_websocket) {
  if (connection.too_fast) return true;
  const HttpExchange& http = *connection.http;
  if (!opens_websocket || !any_contains(core_.options.trusted_proxies, http.address)) return false;
  const auto verdict =
      core_.entrance.count(connection, client_address(http.head, http.address, core_.options.trusted_proxies));
  if (!verdict.too_many && !verdict.too_fast) return false;
  // Takes the connection out of the count of the client's address again. The client is refused, but the proxy may use
  // the connection for other clients.
  core_.entrance.leave_address(connection);
  return true;
}

void HttpServer::answer(Connection& connection, const WebResponse& response, bool keep_alive) {
  const HttpRequestHead& head = connection.http->head;
  const ResponseFraming framing{head.method != "HEAD", keep_alive, head.version == 10, date()};
  if (!core_.output.write(connection, serialize(response, framing))) return;
  if (keep_alive) {
    next_request(connection);
  } else {
    core_.closing.linger(connection);
  }
}

void HttpServer::next_request(Connection& connection) {
  connection.state = ConnectionState::requesting;
  connection.http->head = HttpRequestHead();
  core_.pauses.end(connection, Pause::answer);
  core_.pauses.end(connection, Pause::requests);
  std::string& bytes = connection.http->bytes;
  if (bytes.empty() && bytes.capacity() > kIdleBuffer) bytes = std::string();
  core_.held_input.recount(connection);
  if (!bytes.empty()) core_.next.read_again(connection);
}

void HttpServer::on_late_request(Connection& connection) {
  const HttpExchange& http = *connection.http;
  if (http.bytes.empty() && http.body == nullptr) return core_.next.cut(connection);
  refuse_page(connection, 408, "the request did not come in time");
}

std::string_view HttpServer::date() {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

}  // namespace resflow
