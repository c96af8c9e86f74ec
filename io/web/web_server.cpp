// The output part of WebServer: writing, closing, and the work that is put off to the next iteration of the loop. Loop
// thread only.
#include "io/web/web_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "io/web/web_server_impl.hpp"

namespace resflow {
namespace {

constexpr std::size_t kKeptBuffer = 1 << 20;  // buffers larger than this are released after use
// What inflates in one turn is parsed in that turn, so it is how long neighbors may wait: 2 MiB take about 10 ms. The
// budget has room for a message of the largest size.
InflationBudget inflation_budget(const WebServerOptions& options) {
  constexpr std::size_t least = 2 << 20;
  return InflationBudget(std::max(least, options.max_message_size));
}

ListenerOptions listener_options(const WebServerOptions& options) {
  return {options.addr, options.port, options.share_port, options.keepalive_seconds};
}

}  // namespace

WebServer::Impl::Impl(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink)
    : loop_(loop),
      options_(options),
      sink_(sink),
      entrance_(loop, options_, counters_),
      table_(options.lane),
      deadlines_(loop, options_, [this] { end_late(); }),
      pauses_(deadlines_),
      held_input_(options.max_held_bytes, table_, pauses_, deadlines_),
      compression_(options.compression ? std::make_unique<Compression>(inflation_budget(options)) : nullptr),
      idle_(make_uv_handle<uv_idle_t>(this, [&](uv_idle_t* handle) { return uv_idle_init(loop, handle); })),
      listener_(loop, listener_options(options),
                [this](int fd, const sockaddr_storage& peer) { on_accepted(fd, peer); }),
      lobby_(make_lobby()),
      lws_(loop, {&Impl::on_lws, this, options.tls, options.request_timeout_ms, options.lws_log}) {
  listener_.start();
}

// After this destructor the sink is not called any more. LwsContext runs the loop until the sockets are closed, and no
// handle of this object may be left then.
WebServer::Impl::~Impl() {
  listener_.stop();
  idle_.reset();
  deadlines_.end();
  lobby_.reset();
}

// Returns null if all first bytes belong to the client, so that no socket has to wait.
std::unique_ptr<Lobby> WebServer::Impl::make_lobby() {
  if (options_.tls == nullptr && !options_.proxy_protocol) return nullptr;
  const LobbyOptions lobby{options_.proxy_protocol, options_.trusted_proxies, options_.tls != nullptr,
                           options_.request_timeout_ms};
  return std::make_unique<Lobby>(
      loop_, lobby,
      [this](int fd, const sockaddr_storage& client, const Lobby::Pass& pass) { begin(fd, client, pass); },
      [this](Lobby::Refusal why, const Lobby::Pass& pass) { on_refused(why, pass); });
}

std::size_t WebServer::Impl::connection_count() const {
  return table_.in_use() + (lobby_ == nullptr ? 0 : lobby_->size());
}

// Writes all frames in one call. While an earlier write is not finished, nothing is taken: the caller keeps the frames
// and can drop or merge them, so the backlog in libwebsockets is never more than one call's frames.
bool WebServer::Impl::send(ConnId id, std::span<const Frame> frames) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->state != ConnectionState::open || connection->doomed) return true;
  if (lws_partial_buffered(connection->wsi) != 0) {
    connection->writable_due = true;
    return false;
  }
  if (frames.empty()) return true;
  const bool as_it_is = frames.size() == 1 && !connection->compressed;
  write(*connection, as_it_is ? std::string_view(*frames.front()) : gather(frames, connection->compressed));
  counters_.frames_out += frames.size();
  if (gathered_.capacity() > kKeptBuffer) gathered_ = std::string();
  return true;
}

// Puts the frames, or their compressed twins, into one buffer.
std::string_view WebServer::Impl::gather(std::span<const Frame> frames, bool compressed) {
  gathered_.clear();
  for (const Frame& frame : frames) gathered_.append(compressed ? *compression_->frames.twin(frame) : *frame);
  if (compressed) {
    counters_.compressions = compression_->frames.compressions();
    wake();
  }
  return gathered_;
}

// Writes the waiting pongs first, because they answer earlier input. Returns false if the connection is lost.
bool WebServer::Impl::write(Connection& connection, std::string_view bytes) {
  return flush_pongs(connection) && write_now(connection, bytes);
}

bool WebServer::Impl::flush_pongs(Connection& connection) {
  if (reading_ != &connection || pongs_.empty()) return true;
  const bool written = write_now(connection, pongs_);
  pongs_.clear();
  return written;
}

// Writes at once what the socket takes. libwebsockets keeps the rest, and writes it before anything else. Returns false
// if the connection is lost.
bool WebServer::Impl::write_now(Connection& connection, std::string_view bytes) {
  if (connection.doomed || connection.wsi == nullptr) return false;
  if (bytes.empty()) return true;
  // The library's interface is not const, but in raw mode it does not change the buffer.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(connection.wsi, data, bytes.size(), LWS_WRITE_RAW) < 0) {
    cut(connection);
    return false;
  }
  counters_.bytes_out += bytes.size();
  connection.bytes_out += bytes.size();
  if (lws_partial_buffered(connection.wsi) != 0) {
    connection.writable_due = true;
    // The library does not read while there is a backlog, but readable bytes still wake it. Without the pause it would
    // use a whole core.
    pauses_.begin(connection, Pause::backlog);
  }
  return true;
}

void WebServer::Impl::pause(ConnId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed || connection->state != ConnectionState::open) return;
  pauses_.begin(*connection, Pause::pipeline);
}

void WebServer::Impl::resume(ConnId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed || !is_paused(*connection, Pause::pipeline)) return;
  pauses_.end(*connection, Pause::pipeline);
  if (connection->http != nullptr) go_on_later(*connection);
}

void WebServer::Impl::close(ConnId id, const CloseReason& reason) {
  Connection* connection = table_.find(id);
  if (connection != nullptr && connection->state == ConnectionState::open) close(*connection, reason);
}

void WebServer::Impl::close(Connection& connection, const CloseReason& reason) {
  connection.close_code = reason.code;
  write(connection, close_frame(reason.code, reason.text));
  await_end(connection, ConnectionState::close_sent);
}

void WebServer::Impl::close_all(const CloseReason& reason) {
  if (lobby_ != nullptr) lobby_->clear();
  table_.for_each([&](Connection& connection) {
    connection.closes_after = true;
    if (connection.doomed) return;
    if (connection.state == ConnectionState::open) return close(connection, reason);
    if (connection.state == ConnectionState::opening) return refuse(connection, 503, reason.text);
    if (connection.state != ConnectionState::requesting) return;
    if (lws_partial_buffered(connection.wsi) == 0) return cut(connection);
    linger(connection);  // the previous response is still being written
  });
}

// Fails the connection (RFC 6455, section 7.1.7).
void WebServer::Impl::fail(Connection& connection, std::uint16_t code, std::string_view text) {
  connection.close_code = code;
  write(connection, close_frame(code, text));
  linger(connection);
}

// Ends the connection when everything has been written.
void WebServer::Impl::drain(Connection& connection) {
  await_end(connection, ConnectionState::draining);
  on_drained(connection);
}

// Like drain(), but then waits until the peer ends its side.
void WebServer::Impl::linger(Connection& connection) {
  await_end(connection, ConnectionState::lingering);
  on_drained(connection);
}

// Ends our side of the stream if the backlog is written.
void WebServer::Impl::on_drained(Connection& connection) {
  if (connection.doomed || lws_partial_buffered(connection.wsi) != 0) return;
  if (connection.state == ConnectionState::draining) {
    LwsContext::end_output(connection.wsi);
    cut(connection);
  }
  if (connection.state == ConnectionState::lingering) {
    LwsContext::end_output(connection.wsi);
  }
}

// Puts the connection into a state in which it only waits for its end. No request or message is taken from it any more.
void WebServer::Impl::await_end(Connection& connection, ConnectionState state) {
  deadlines_.stop(connection);
  connection.state = state;
  connection.http.reset();
  pauses_.end_all_but_backlog(connection);
  held_input_.count(connection);
}

// The address is asked from the system, because nothing else needs it once a connection is open.
std::optional<ConnectionLook> WebServer::Impl::look(std::size_t slot) const {
  if (slot >= table_.slots()) return std::nullopt;
  const Connection& c = table_.at(slot);
  if (c.wsi == nullptr || c.doomed) return std::nullopt;
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const bool known = getpeername(lws_get_socket_fd(c.wsi), reinterpret_cast<sockaddr*>(&peer), &size) == 0;
  const auto age = static_cast<std::int64_t>(uv_now(loop_) - c.since);
  return ConnectionLook{table_.id_of(c), c.websocket, known ? format_peer(peer) : "", age, c.bytes_in, c.bytes_out};
}

// Closes the socket in the next iteration of the loop, even if something is still unsent.
void WebServer::Impl::cut(Connection& connection) {
  if (connection.doomed || connection.wsi == nullptr) return;
  connection.doomed = true;
  deadlines_.stop(connection);
  doomed_.push_back(table_.id_of(connection));
  wake();
}

// Ends the connections whose deadline has come.
void WebServer::Impl::end_late() {
  while (const auto overdue = deadlines_.pop()) {
    Connection& connection = *overdue->connection;
    switch (overdue->late) {
      case Late::request:
        ++counters_.late;
        on_late_request(connection);
        break;
      case Late::message:
        ++counters_.late;
        on_late_message(connection);
        break;
      case Late::reader:
        ++counters_.slow;
        cut(connection);
        break;
      case Late::peer:
        cut(connection);
        break;
    }
  }
}

void WebServer::Impl::on_late_request(Connection& connection) {
  const HttpExchange& http = *connection.http;
  if (http.bytes.empty() && http.body == nullptr) return cut(connection);
  refuse_page(connection, 408, "the request did not come in time");
}

void WebServer::Impl::on_late_message(Connection& connection) {
  fail(connection, close_code::kPolicyViolation, "the message did not come in time");
  connection.decoder = WebSocketDecoder(0);  // frees the bytes that others wait for
  held_input_.count(connection);
}

// Makes sure that finish_turn() runs if there is work for it.
void WebServer::Impl::wake() {
  if (idle_ == nullptr) return;  // the server is being destroyed
  const bool remembers = compression_ != nullptr && compression_->frames.remembers();
  if (!doomed_.empty() || !closed_.empty() || !resumed_.empty() || !passed_over_.empty() || remembers) {
    uv_idle_start(idle_.get(), [](uv_idle_t* idle) { static_cast<Impl*>(idle->data)->finish_turn(); });
  }
}

// Does the work that was put off: processes received bytes, closes sockets, and tells the sink of closed connections.
void WebServer::Impl::finish_turn() {
  if (compression_ != nullptr) compression_->budget.begin_turn();
  std::vector<ConnId> due = std::exchange(passed_over_, {});
  due.insert(due.end(), resumed_.begin(), resumed_.end());
  resumed_.clear();
  for (const ConnId id : due) go_on(id);
  for (const ConnId id : std::exchange(doomed_, {})) {
    Connection* connection = table_.find(id);
    if (connection == nullptr || connection->wsi == nullptr) continue;
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
  }
  for (Connection* connection : std::exchange(closed_, {})) {
    const ConnId id = table_.id_of(*connection);
    const bool announced = connection->announced;
    table_.release(*connection);
    if (!announced) continue;
    try {
      sink_.disconnected(id);
    } catch (...) {
      ++counters_.exceptions;
    }
  }
  if (compression_ != nullptr) compression_->frames.forget();
  const bool more = !doomed_.empty() || !closed_.empty() || !resumed_.empty() || !passed_over_.empty();
  if (!more) uv_idle_stop(idle_.get());
}

WebServer::WebServer(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink)
    : impl_(std::make_unique<Impl>(loop, options, sink)) {}

WebServer::~WebServer() = default;

bool WebServer::send(ConnId conn, std::span<const Frame> frames) {
  return impl_->send(conn, frames);
}

void WebServer::close(ConnId conn, const CloseReason& reason) {
  impl_->close(conn, reason);
}

void WebServer::accept(ConnId conn, const Headers& headers) {
  impl_->accept(conn, headers);
}

void WebServer::respond(ConnId conn, const WebResponse& response) {
  impl_->respond(conn, response);
}

void WebServer::pause(ConnId conn) {
  impl_->pause(conn);
}

void WebServer::resume(ConnId conn) {
  impl_->resume(conn);
}

std::uint16_t WebServer::port() const {
  return impl_->port();
}

void WebServer::stop_listening() {
  impl_->stop_listening();
}

void WebServer::close_all(const CloseReason& reason) {
  impl_->close_all(reason);
}

std::size_t WebServer::connection_count() const {
  return impl_->connection_count();
}

std::size_t WebServer::slots() const {
  return impl_->slots();
}

std::optional<ConnectionLook> WebServer::look(std::size_t slot) const {
  return impl_->look(slot);
}

const WebServerCounters& WebServer::counters() const {
  return impl_->counters();
}

}  // namespace resflow
