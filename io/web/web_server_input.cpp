// The input part of WebServer. It admits accepted sockets and counts their addresses, reacts to the callbacks of
// libwebsockets, and reads WebSocket frames. Loop thread only.
#include <unistd.h>

#include <atomic>
#include <utility>

#include "io/web/web_server_impl.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {
// Receives the frames of one connection from its decoder, while its bytes are being read.
class WebServer::Impl::FrameEvents final : public WebSocketEvents {
 public:
  FrameEvents(Impl& server, Connection& connection) : server_(server), connection_(connection) {}

  void on_message(std::string message, bool binary) override {
    if (!is_open()) return;
    if (binary && !valid_utf8(message)) return refuse_text();
    hand_over(std::move(message));
  }

  void on_compressed(std::string payload, bool) override {
    if (!is_open()) return;
    std::string message;
    switch (server_.compression_->messages.expand(payload, server_.options_.max_message_size, message)) {
      case Inflater::Result::too_large:
        return server_.fail(connection_, close_code::kMessageTooBig, "message too big");
      case Inflater::Result::corrupt:
        return server_.fail(connection_, close_code::kInvalidPayload, "compressed message is corrupt");
      case Inflater::Result::done:
        break;
    }
    if (!valid_utf8(message)) return refuse_text();
    server_.compression_->budget.spend(message.size());
    hand_over(std::move(message));
    if (server_.compression_->budget.is_spent_by_client()) connection_.decoder.suspend();
  }

  void on_ping(std::string_view payload) override {
    if (!is_open()) return;
    append_frame_header(server_.pongs_, Opcode::pong, payload.size());
    server_.pongs_.append(payload);
  }

  void on_pong(std::string_view) override {}

  void on_close(std::uint16_t code, std::string_view) override { server_.answer_close(connection_, code); }

  void on_error(std::uint16_t code, std::string_view text) override {
    if (is_open()) return server_.fail(connection_, code, text);
    if (connection_.state == ConnectionState::close_sent) server_.linger(connection_);
  }

  // Returns true if a message was completed.
  bool any() const { return any_; }

 private:
  bool is_open() const { return connection_.state == ConnectionState::open && !connection_.doomed; }

  void refuse_text() { server_.fail(connection_, close_code::kInvalidPayload, "message is not UTF-8"); }

  void hand_over(std::string message) {
    ++server_.counters_.frames_in;
    any_ = true;
    server_.sink_.frame(server_.table_.id_of(connection_), std::move(message));
  }

  Impl& server_;
  Connection& connection_;
  bool any_ = false;
};

// The callback of libwebsockets for all connections. No exception may leave it. The result -1 makes the library close
// the socket.
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
        if (!LwsContext::is_established(wsi)) ++server->counters_.tls_failed;
        server->on_closed(*connection);
    }
  } catch (...) {
    ++server->counters_.exceptions;
    return -1;
  }
  return 0;
}

void WebServer::Impl::on_accepted(int fd, const sockaddr_storage& peer) noexcept {
  const auto pass = entrance_.enter(IpAddress::of(peer));
  if (!pass) {
    ::close(fd);
  } else if (lobby_ != nullptr && lobby_->is_for(peer)) {
    lobby_->add(fd, peer, *pass);
  } else {
    begin(fd, peer, *pass);
  }
}

void WebServer::Impl::on_refused(Lobby::Refusal why, const Lobby::Pass& pass) noexcept {
  static std::atomic<bool> told = false;  // true if any lane has logged the line below
  entrance_.leave(pass);
  if (why == Lobby::Refusal::ended) return;
  if (why == Lobby::Refusal::no_proxy_header) {
    ++counters_.without_proxy_header;
  } else if (options_.tls != nullptr) {
    ++counters_.tls_failed;
  }
  if (why != Lobby::Refusal::plain_http || options_.log == nullptr || told.exchange(true)) return;
  options_.log->log(LogLevel::info, "A client sent plain HTTP to the port for TLS, and was told so (logged once)");
}

// Starts a connection. If a proxy has named the client, the client's address is counted now.
void WebServer::Impl::begin(int fd, const sockaddr_storage& client, const Lobby::Pass& pass) noexcept {
  const IpAddress address = IpAddress::of(client);
  Connection& connection = table_.acquire();
  connection.state = ConnectionState::requesting;
  connection.http = std::make_unique<HttpExchange>();
  connection.http->address = address;
  connection.http->port = port_of(client);
  connection.since = uv_now(loop_);
  connection.ticket = pass.ticket;
  connection.counted = pass.counted;
  AddressLimits::Verdict verdict{pass.ticket, false, pass.too_fast};
  const bool is_new = !pass.counted && !any_contains(options_.trusted_proxies, address);
  if (is_new) verdict = entrance_.count(connection, address);
  connection.too_fast = verdict.too_fast;
  if (verdict.too_many) {
    ::close(fd);
    return forget(connection);
  }
  connection.wsi = lws_.adopt(fd, &connection);
  if (connection.wsi != nullptr) return deadlines_.schedule(connection);
  // The connection's first bytes were not TLS, so libwebsockets closed it during adopt().
  if (connection.state == ConnectionState::gone) return;
  ++counters_.rejected;
  forget(connection);
}

// Frees a connection that the sink was never told of.
void WebServer::Impl::forget(Connection& connection) {
  entrance_.leave(connection);
  table_.release(connection);
}

void WebServer::Impl::on_readable(Connection& connection, std::string_view bytes) {
  counters_.bytes_in += bytes.size();
  connection.bytes_in += bytes.size();
  if (connection.doomed) return;
  switch (connection.state) {
    case ConnectionState::requesting:
      LwsContext::handshake_is_over(connection.wsi);
      return read_http(connection, bytes);
    case ConnectionState::answering:
    case ConnectionState::opening:
      return read_http(connection, bytes);
    case ConnectionState::open:
      if (connection.http == nullptr) return read_frames(connection, bytes);
      connection.http->bytes.append(bytes);  // after earlier bytes that came before accept(), or wait to be inflated
      return go_on(connection);
    case ConnectionState::close_sent:
      return read_frames(connection, bytes);
    default:
      return;  // further input is ignored
  }
}

void WebServer::Impl::on_writable(Connection& connection) {
  if (connection.doomed) return;
  if (lws_partial_buffered(connection.wsi) != 0) {
    lws_callback_on_writable(connection.wsi);
    return;
  }
  pauses_.end(connection, Pause::backlog);
  on_drained(connection);
  go_on(connection);
  const bool due = std::exchange(connection.writable_due, false);
  if (due && connection.state == ConnectionState::open) sink_.writable(table_.id_of(connection));
}

void WebServer::Impl::on_closed(Connection& connection) {
  deadlines_.stop(connection);
  connection.wsi = nullptr;
  held_input_.drop(connection);
  entrance_.leave(connection);
  connection.http.reset();
  connection.state = ConnectionState::gone;
  if (connection.websocket) {
    ++counters_.closes[connection.close_code == 0 ? close_code::kAbnormal : connection.close_code];
  }
  closed_.push_back(&connection);
  wake();
}

// Reads WebSocket frames. The pongs for one read are sent together, so that a client cannot cause a system call with
// every six bytes that it sends.
void WebServer::Impl::read_frames(Connection& connection, std::string_view bytes) {
  struct Reading {
    Reading(Impl& server, Connection& connection) : server(server) { server.reading_ = &connection; }
    ~Reading() {
      server.reading_ = nullptr;
      server.pongs_.clear();
    }
    Impl& server;
  } reading(*this, connection);
  if (!may_inflate(connection)) return defer(connection, bytes, passed_over_);
  FrameEvents events(*this, connection);
  const std::size_t taken = connection.decoder.feed(bytes, events);
  flush_pongs(connection);
  if (events.any()) deadlines_.message_is_complete(connection);
  if (taken < bytes.size()) return defer(connection, bytes.substr(taken), resumed_);
  held_input_.count(connection);
}

// Returns false if the connection must wait, because the budget for inflated bytes is spent.
bool WebServer::Impl::may_inflate(const Connection& connection) const {
  if (!connection.compressed || connection.state != ConnectionState::open) return true;
  compression_->budget.begin_client();
  return !compression_->budget.is_spent();
}

// Keeps the bytes as they came, compressed, until the lane has taken the messages that were inflated so far.
void WebServer::Impl::defer(Connection& connection, std::string_view bytes, std::vector<ConnId>& until) {
  if (connection.state != ConnectionState::open || connection.doomed) return;
  if (connection.http == nullptr) connection.http = std::make_unique<HttpExchange>();
  connection.http->bytes.assign(bytes);
  pauses_.begin(connection, Pause::inflating);
  until.push_back(table_.id_of(connection));
  wake();
  held_input_.count(connection);
}

// Answers a close frame with a close frame of the same code, unless ours was first (RFC 6455, section 5.5.1). Then the
// server has to close the socket (section 7.1.1).
void WebServer::Impl::answer_close(Connection& connection, std::uint16_t code) {
  if (connection.state == ConnectionState::open) {
    connection.close_code = code;
    write(connection, close_frame(code, {}));
  } else if (connection.state != ConnectionState::close_sent) {
    return;
  }
  drain(connection);
}

}  // namespace resflow
