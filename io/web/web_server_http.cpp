// The HTTP part of WebServer. It reads requests, passes them to the sink, one at a time per connection, and writes
// responses. Bytes that follow a request wait until it is answered. They are processed in the next iteration of the
// loop, because respond() and accept() are called from deep inside the sink. Loop thread only.
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <ctime>
#include <memory>
#include <utility>

#include "io/web/deflate_offer.hpp"
#include "io/web/forwarded.hpp"
#include "io/web/upgrade.hpp"
#include "io/web/web_server_impl.hpp"
#include "nodes/protocol/origins.hpp"
#include "nodes/protocol/rid.hpp"

namespace resflow {
namespace {

// The most bytes kept behind a request that is being answered. If there are more, the client is not read until there is
// room.
constexpr std::size_t kMaxPipelined = kMaxHttpHead;

// The most bytes of buffer that a connection keeps while no request is coming in.
constexpr std::size_t kIdleBuffer = 4 * 1024;

// Returns a new connection id. It is taken from the system's source of randomness: with a guessed cid, an attacker
// could have requests served in the name of another client.
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

// Returns ip:port of the client. For a client behind an HTTP proxy the port is 0, because the proxy does not report it.
std::string remote_addr(const HttpExchange& http, const std::vector<IpNetwork>& trusted) {
  const IpAddress client = client_address(http.head, http.address, trusted);
  return client.with_port(client == http.address ? http.port : 0);
}

// Returns what services are told of the request, and moves it out of the head. Method and version stay in the head. The
// host is a field of its own, so it is removed from the headers.
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

// Returns the status for a body whose framing this server does not understand, or which another server on the way might
// understand differently. Returns 0 if the framing is in order.
unsigned framing_error(const HttpRequestHead& head) {
  const std::string* encoding = head.find("Transfer-Encoding");
  if (encoding == nullptr) return 0;
  if (head.version == 10 || head.find("Content-Length") != nullptr) return 400;
  const bool plain = head.count("Transfer-Encoding") == 1 && head.has_token("Transfer-Encoding", "chunked") &&
                     encoding->find(',') == std::string::npos;
  return plain ? 0 : 501;
}

}  // namespace

void WebServer::Impl::read_http(Connection& connection, std::string_view bytes) {
  std::string& waiting = connection.http->bytes;
  waiting.append(bytes);
  if (connection.state == ConnectionState::requesting) {
    read_request(connection);
  } else if (waiting.size() > kMaxPipelined) {
    pauses_.begin(connection, Pause::requests);
  }
  held_input_.count(connection);
}

void WebServer::Impl::read_request(Connection& connection) {
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

void WebServer::Impl::on_head(Connection& connection) {
  HttpExchange& http = *connection.http;
  UpgradeDecision decision = check_upgrade(http.head, options_.ws_path, options_.allow_origins);
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
  if (!http.head.has_body()) return hand_over(connection);
  begin_body(connection, head);
}

void WebServer::Impl::begin_body(Connection& connection, std::string_view head) {
  HttpExchange& http = *connection.http;
  http.body = std::make_unique<HttpBodyReader>(head.substr(head.find_first_not_of("\r\n")), options_.max_message_size);
  const bool client_waits =
      http.bytes.empty() && http.head.version == 11 && http.head.has_token("Expect", "100-continue");
  if (client_waits && http.body->state() == HttpBodyReader::State::more && !write(connection, continue_response())) {
    return;
  }
  read_body(connection);
}

void WebServer::Impl::read_body(Connection& connection) {
  HttpExchange& http = *connection.http;
  http.bytes.erase(0, http.body->feed(http.bytes));
  switch (http.body->state()) {
    case HttpBodyReader::State::more:
      return;
    case HttpBodyReader::State::done:
      return hand_over(connection);
    case HttpBodyReader::State::malformed:
      return refuse_page(connection, 400, "malformed request body");
    case HttpBodyReader::State::too_large:
      return refuse_page(connection, 413, "request body too large");
  }
}

void WebServer::Impl::hand_over(Connection& connection) {
  HttpExchange& http = *connection.http;
  table_.renew(connection);
  connection.state = ConnectionState::answering;
  connection.announced = true;
  pauses_.begin(connection, Pause::answer);
  connection.closes_after = connection.closes_after || !http.head.keep_alive();
  ++counters_.requests;
  std::string body = http.body ? std::move(http.body->body()) : std::string();
  http.body = nullptr;
  sink_.request(WebRequest{table_.id_of(connection), take_info(http, options_.trusted_proxies), http.head.method,
                           std::move(body)});
}

void WebServer::Impl::start_websocket(Connection& connection, std::string accept) {
  table_.renew(connection);
  connection.http->accept = std::move(accept);
  if (options_.compression) connection.http->extensions = accept_deflate(connection.http->head).value_or("");
  Connected client{table_.id_of(connection), take_info(*connection.http, options_.trusted_proxies),
                   options_.hold_handshakes ? ClientKind::held : ClientKind::websocket};
  connection.state = ConnectionState::opening;
  deadlines_.schedule(connection);
  if (client.kind == ClientKind::websocket && !open(connection, {})) return;
  connection.announced = true;
  sink_.connected(std::move(client));
}

// Completes the WebSocket handshake. Returns false if the connection is lost.
bool WebServer::Impl::open(Connection& connection, const Headers& headers) {
  Headers all = headers;
  connection.compressed = !connection.http->extensions.empty();
  if (connection.compressed) all.emplace_back("Sec-WebSocket-Extensions", connection.http->extensions);
  if (!write(connection, switching_protocols(connection.http->accept, all))) return false;
  connection.state = ConnectionState::open;
  connection.websocket = true;
  connection.decoder = WebSocketDecoder(options_.max_message_size, connection.compressed);
  ++counters_.opened;
  if (connection.http->bytes.empty()) {
    connection.http = nullptr;
  } else {
    go_on_later(connection);
  }
  held_input_.count(connection);
  return true;
}

void WebServer::Impl::accept(ConnId id, const Headers& headers) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed || connection->state != ConnectionState::opening) return;
  pauses_.end(*connection, Pause::requests);
  open(*connection, headers);
}

void WebServer::Impl::respond(ConnId id, const WebResponse& response) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed) return;
  const bool opening = connection->state == ConnectionState::opening;
  if (!opening && connection->state != ConnectionState::answering) return;
  connection->announced = false;
  answer(*connection, response, !opening && !connection->closes_after);
}

// Answers with an error that no web page needs to read, and ends the connection.
void WebServer::Impl::refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers) {
  WebResponse response{status, std::move(headers), std::string(reason) + "\n"};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  answer(connection, response, false);
}

// Answers with an error that a web page may read, if its origin is allowed, and ends the connection.
void WebServer::Impl::refuse_page(Connection& connection, unsigned status, std::string_view reason, Headers headers) {
  if (options_.cors) {
    const HttpExchange& http = *connection.http;
    const std::string* known = http.head.find("Origin");
    const auto origin = known == nullptr ? peek_header(http.bytes, "Origin") : std::optional<std::string_view>(*known);
    const bool cacheable = http.head.method == "GET" || http.head.method == "HEAD";
    const Headers cors = cors_headers(options_.allow_origins, options_.cors_credentials, origin, cacheable);
    headers.insert(headers.begin(), cors.begin(), cors.end());
  }
  refuse(connection, status, reason, std::move(headers));
}

// Returns true if the limits of the client's address refuse the request. A direct client was counted when it connected.
// Behind a trusted proxy only WebSocket connections are counted, because web requests of many clients share the
// connections of the proxy.
bool WebServer::Impl::is_refused_for_address(Connection& connection, bool opens_websocket) {
  if (connection.too_fast) return true;
  const HttpExchange& http = *connection.http;
  if (!opens_websocket || !any_contains(options_.trusted_proxies, http.address)) return false;
  const auto verdict = entrance_.count(connection, client_address(http.head, http.address, options_.trusted_proxies));
  if (!verdict.too_many && !verdict.too_fast) return false;
  entrance_.leave_address(connection);  // the connection is the proxy's, and may stay open for a while
  return true;
}

void WebServer::Impl::answer(Connection& connection, const WebResponse& response, bool keep_alive) {
  const HttpRequestHead& head = connection.http->head;
  const ResponseFraming framing{head.method != "HEAD", keep_alive, head.version == 10, date()};
  if (!write(connection, serialize(response, framing))) return;
  if (keep_alive) {
    next_request(connection);
  } else {
    linger(connection);
  }
}

void WebServer::Impl::next_request(Connection& connection) {
  connection.state = ConnectionState::requesting;
  connection.http->head = HttpRequestHead();
  pauses_.end(connection, Pause::answer);
  pauses_.end(connection, Pause::requests);
  std::string& bytes = connection.http->bytes;
  if (bytes.empty() && bytes.capacity() > kIdleBuffer) bytes = std::string();
  held_input_.count(connection);
  if (!bytes.empty()) go_on_later(connection);
}

void WebServer::Impl::go_on_later(Connection& connection) {
  resumed_.push_back(table_.id_of(connection));
  wake();
}

void WebServer::Impl::go_on(ConnId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr) return;
  try {
    go_on(*connection);
  } catch (...) {
    ++counters_.exceptions;
    cut(*connection);
  }
}

// Processes bytes that were received earlier. A client that does not read its responses has to wait until it does.
void WebServer::Impl::go_on(Connection& connection) {
  if (connection.doomed || connection.http == nullptr || lws_partial_buffered(connection.wsi) != 0) return;
  if (connection.state == ConnectionState::requesting) {
    read_request(connection);
    held_input_.count(connection);
  } else if (connection.state == ConnectionState::open && !is_paused(connection, Pause::pipeline)) {
    const std::unique_ptr<HttpExchange> http = std::move(connection.http);
    read_frames(connection, http->bytes);
    if (connection.http == nullptr) pauses_.end(connection, Pause::inflating);
  }
}

std::string_view WebServer::Impl::date() {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

}  // namespace resflow
