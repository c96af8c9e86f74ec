#include "io/web/web_server.hpp"

#include <libwebsockets.h>
#include <sys/socket.h>

#include <utility>

#include "io/web/web_server_impl.hpp"

namespace resflow {
namespace {

ListenerOptions listener_options(const WebServerOptions& options) {
  return {options.addr, options.port, options.share_port, options.keepalive_seconds};
}

}  // namespace

WebServer::Impl::Impl(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink)
    : core_(
          loop, options, sink, [this] { end_late(); }, [this] { iterate(); }),
      listener_(loop, listener_options(options),
                [this](int fd, const sockaddr_storage& peer) { on_accepted(fd, peer); }),
      lobby_(make_lobby()),
      lws_(loop, {&Impl::on_lws, this, options.tls, options.request_timeout_ms, options.lws_log}) {
  listener_.start();
}

// Closes all libuv handles except those of lws_, so that the server makes no further calls to the sink (ClientSink).
// After this, the destructor of lws_ runs the loop until the sockets are closed.
WebServer::Impl::~Impl() {
  listener_.stop();
  core_.next.end();
  core_.deadlines.end();
  lobby_.reset();
}

std::size_t WebServer::Impl::connection_count() const {
  return core_.table.in_use() + (lobby_ == nullptr ? 0 : lobby_->size());
}

bool WebServer::Impl::send(ConnId id, std::span<const Frame> frames) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->state != ConnectionState::open || connection->will_be_cut) return true;
  return core_.output.send(*connection, frames);
}

void WebServer::Impl::accept(ConnId id, const Headers& headers) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->will_be_cut || connection->state != ConnectionState::opening) return;
  http_.accept(*connection, headers);
}

void WebServer::Impl::respond(ConnId id, const WebResponse& response) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->will_be_cut) return;
  const ConnectionState state = connection->state;
  if (state != ConnectionState::opening && state != ConnectionState::answering) return;
  http_.respond(*connection, response);
}

void WebServer::Impl::pause(ConnId id) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->will_be_cut || connection->state != ConnectionState::open) return;
  core_.pauses.begin(*connection, Pause::sink);
}

void WebServer::Impl::resume(ConnId id) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->will_be_cut || !is_paused(*connection, Pause::sink)) return;
  core_.pauses.end(*connection, Pause::sink);
  if (connection->http != nullptr) core_.next.read_again(*connection);
}

void WebServer::Impl::close(ConnId id, const CloseReason& reason) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr || connection->state != ConnectionState::open) return;
  core_.closing.close(*connection, reason);
}

void WebServer::Impl::close_all(const CloseReason& reason) {
  if (lobby_ != nullptr) lobby_->clear();
  core_.table.for_each([&](Connection& connection) {
    connection.closes_after = true;
    if (connection.will_be_cut) return;
    if (connection.state == ConnectionState::open) return core_.closing.close(connection, reason);
    if (connection.state == ConnectionState::opening) return http_.refuse(connection, 503, reason.text);
    if (connection.state != ConnectionState::requesting) return;
    if (!has_backlog(connection)) return core_.next.cut(connection);
    core_.closing.linger(connection);  // the client has not read all of the previous response yet
  });
}

// Returns a snapshot of the connection in the slot. Asks the kernel for the address of the peer, because the server
// does not store this address for an open WebSocket connection.
std::optional<ConnectionLook> WebServer::Impl::look(std::size_t slot) const {
  if (slot >= core_.table.slots()) return std::nullopt;
  const Connection& c = core_.table.at(slot);
  if (c.wsi == nullptr || c.will_be_cut) return std::nullopt;
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const bool known = getpeername(lws_get_socket_fd(c.wsi), reinterpret_cast<sockaddr*>(&peer), &size) == 0;
  const auto age = static_cast<std::int64_t>(uv_now(core_.loop) - c.since);
  return ConnectionLook{core_.table.id_of(c), c.websocket, known ? format_peer(peer) : "", age,
                        c.bytes_in,           c.bytes_out};
}

// Ends the connections that have exceeded a time limit.
void WebServer::Impl::end_late() {
  while (const auto overdue = core_.deadlines.pop()) {
    Connection& connection = *overdue->connection;
    switch (overdue->late) {
      case Late::request:
        ++core_.counters.late;
        http_.on_late_request(connection);
        break;
      case Late::message:
        ++core_.counters.late;
        messages_.on_late_message(connection);
        break;
      case Late::not_reading:
        ++core_.counters.slow;
        core_.next.cut(connection);
        break;
      case Late::peer:
        core_.next.cut(connection);
        break;
    }
  }
}

// Does the work that was put off to this iteration of the event loop: processes bytes that had to wait, closes sockets,
// and reports ended connections to the sink (ClientSink).
void WebServer::Impl::iterate() {
  messages_.renew_budget();
  for (const ConnId id : core_.next.take_readers()) read_again(id);
  for (const ConnId id : core_.next.take_cut()) {
    const Connection* connection = core_.table.find(id);
    if (connection == nullptr || connection->wsi == nullptr) continue;
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
  }
  for (Connection* connection : core_.next.take_ended()) tell_end(*connection);
  core_.output.forget_compressed_forms();
  core_.next.stop_if_idle();
}

void WebServer::Impl::read_again(ConnId id) {
  Connection* connection = core_.table.find(id);
  if (connection == nullptr) return;
  try {
    read_again(*connection);
  } catch (...) {
    ++core_.counters.exceptions;
    core_.next.cut(*connection);
  }
}

// Processes the bytes that the server has received from the connection, but could not process when they came.
void WebServer::Impl::read_again(Connection& connection) {
  if (connection.will_be_cut) return;
  if (connection.state == ConnectionState::requesting) {
    http_.read_again(connection);
  } else if (connection.state == ConnectionState::open) {
    messages_.read_again(connection);
  }
}

// Removes a connection from the table, after its socket was closed. Then calls disconnected() of the sink (the
// gateway), but only if the gateway knows the connection or a request on it (`announced`).
void WebServer::Impl::tell_end(Connection& connection) {
  const ConnId id = core_.table.id_of(connection);
  const bool announced = connection.announced;
  core_.table.release(connection);
  if (!announced) return;
  try {
    core_.sink.disconnected(id);
  } catch (...) {
    ++core_.counters.exceptions;
  }
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
