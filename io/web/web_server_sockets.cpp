// The part of WebServer that starts connections on new sockets, and the callback of libwebsockets. Both run on the
// thread of the server's event loop.
#include <unistd.h>

#include <atomic>
#include <utility>

#include "io/web/web_server_impl.hpp"

namespace resflow {

// Makes the lobby, where new sockets wait for their first bytes. Returns null if the server uses neither TLS nor the
// PROXY protocol, because then no socket has to wait.
std::unique_ptr<Lobby> WebServer::Impl::make_lobby() {
  if (core_.options.tls == nullptr && !core_.options.proxy_protocol) return nullptr;
  const LobbyOptions lobby{core_.options.proxy_protocol, core_.options.trusted_proxies, core_.options.tls != nullptr,
                           core_.options.request_timeout_ms};
  return std::make_unique<Lobby>(
      core_.loop, lobby,
      [this](int fd, const sockaddr_storage& client, const Lobby::Pass& pass) { begin(fd, client, pass); },
      [this](Lobby::Refusal why, const Lobby::Pass& pass) { on_refused(why, pass); });
}

// The callback of libwebsockets for all connections: received bytes, a writable socket, or a closed socket. No
// exception may leave this function. If it returns -1, libwebsockets closes the socket.
int WebServer::Impl::on_lws(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t size) {
  if (reason != LWS_CALLBACK_RAW_RX && reason != LWS_CALLBACK_RAW_WRITEABLE && reason != LWS_CALLBACK_RAW_CLOSE) {
    return 0;
  }
  auto* server = static_cast<Impl*>(lws_context_user(lws_get_context(wsi)));
  auto* connection = static_cast<Connection*>(lws_get_opaque_user_data(wsi));
  if (connection == nullptr) return 0;
  try {
    switch (reason) {
      case LWS_CALLBACK_RAW_RX:
        server->on_readable(*connection, {static_cast<const char*>(in), size});
        break;
      case LWS_CALLBACK_RAW_WRITEABLE:
        server->on_writable(*connection);
        break;
      default:
        lws_set_opaque_user_data(wsi, nullptr);
        if (!LwsContext::is_established(wsi)) ++server->core_.counters.tls_failed;
        server->on_closed(*connection);
    }
  } catch (...) {
    ++server->core_.counters.exceptions;
    return -1;
  }
  return 0;
}

void WebServer::Impl::on_accepted(int fd, const sockaddr_storage& peer) noexcept {
  const auto pass = core_.entrance.enter(IpAddress::of(peer));
  if (!pass) {
    ::close(fd);
  } else if (lobby_ != nullptr && lobby_->is_for(peer)) {
    lobby_->add(fd, peer, *pass);
  } else {
    begin(fd, peer, *pass);
  }
}

void WebServer::Impl::on_refused(Lobby::Refusal why, const Lobby::Pass& pass) noexcept {
  // True after the message at the end of this function was logged. It is logged once per process, whichever thread
  // comes first.
  static std::atomic<bool> told = false;
  core_.entrance.leave(pass);
  if (why == Lobby::Refusal::ended) return;
  if (why == Lobby::Refusal::no_proxy_header) {
    ++core_.counters.without_proxy_header;
  } else if (core_.options.tls != nullptr) {
    ++core_.counters.tls_failed;
  }
  if (why != Lobby::Refusal::plain_http || core_.options.log == nullptr || told.exchange(true)) return;
  core_.options.log->log(LogLevel::info, "A client sent plain HTTP to the port for TLS, and was told so (logged once)");
}

// Starts a connection on a new socket. Closes the socket if the client's IP address has too many connections. A client
// that connects directly was counted for its address when its socket was accepted (`pass.counted`). A client behind a
// trusted proxy is counted here, if the PROXY header has told its address.
void WebServer::Impl::begin(int fd, const sockaddr_storage& client, const Lobby::Pass& pass) noexcept {
  const IpAddress address = IpAddress::of(client);
  Connection& connection = core_.table.acquire();
  connection.state = ConnectionState::requesting;
  connection.http = std::make_unique<HttpExchange>();
  connection.http->address = address;
  connection.http->port = port_of(client);
  connection.since = uv_now(core_.loop);
  connection.account = pass.account;
  connection.counted = pass.counted;
  AddressLimits::Check verdict{pass.account, false, pass.too_fast};
  const bool is_new = !pass.counted && !any_contains(core_.options.trusted_proxies, address);
  if (is_new) verdict = core_.entrance.count(connection, address);
  connection.too_fast = verdict.too_fast;
  if (verdict.too_many) {
    ::close(fd);
    return forget(connection);
  }
  connection.wsi = lws_.adopt(fd, &connection);
  if (connection.wsi != nullptr) return core_.deadlines.schedule(connection);
  // The state is `gone` if the first bytes were not TLS. Then libwebsockets has closed the connection during adopt(),
  // and on_closed() has handled its end.
  if (connection.state == ConnectionState::gone) return;
  ++core_.counters.rejected;
  forget(connection);
}

// Removes a connection that was never reported to the sink (ClientSink), so that its end is not reported either. Also
// takes it out of the counts for the connection limits.
void WebServer::Impl::forget(Connection& connection) {
  core_.entrance.leave(connection);
  core_.table.release(connection);
}

void WebServer::Impl::on_readable(Connection& connection, std::string_view bytes) {
  core_.counters.bytes_in += bytes.size();
  connection.bytes_in += bytes.size();
  if (connection.will_be_cut) return;
  switch (connection.state) {
    case ConnectionState::requesting:
      LwsContext::handshake_is_over(connection.wsi);
      return http_.read(connection, bytes);
    case ConnectionState::answering:
    case ConnectionState::opening:
      return http_.read(connection, bytes);
    case ConnectionState::open:
    case ConnectionState::close_sent:
      return messages_.read(connection, bytes);
    default:
      return;  // ignores the bytes that the peer still sends
  }
}

void WebServer::Impl::on_writable(Connection& connection) {
  if (connection.will_be_cut) return;
  if (has_backlog(connection)) {
    lws_callback_on_writable(connection.wsi);
    return;
  }
  core_.pauses.end(connection, Pause::backlog);
  core_.closing.on_drained(connection);
  read_again(connection);
  const bool due = std::exchange(connection.writable_due, false);
  if (due && connection.state == ConnectionState::open) core_.sink.writable(core_.table.id_of(connection));
}

void WebServer::Impl::on_closed(Connection& connection) {
  core_.deadlines.stop(connection);
  connection.wsi = nullptr;
  core_.held_input.drop(connection);
  core_.entrance.leave(connection);
  connection.http.reset();
  connection.state = ConnectionState::gone;
  if (connection.websocket) {
    ++core_.counters.closes[connection.close_code == 0 ? close_code::kAbnormal : connection.close_code];
  }
  core_.next.tell_end(connection);
}

}  // namespace resflow
