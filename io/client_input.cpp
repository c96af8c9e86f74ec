#include <unistd.h>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <memory>
#include <utility>

#include "io/client_server_impl.hpp"
#include "io/upgrade.hpp"
#include "nodes/utf8.hpp"

namespace resflow {
namespace {

constexpr const char* kJson = "application/json; charset=utf-8";

// From the system's source of randomness: whoever could guess a cid could have requests served in its name.
std::string new_cid() {
  static constexpr char kDigits[] = "0123456789abcdef";
  const boost::uuids::uuid uuid = boost::uuids::random_generator()();
  std::string cid;
  cid.reserve(2 * uuid.size());
  for (const unsigned byte : uuid) {
    cid.push_back(kDigits[byte >> 4]);
    cid.push_back(kDigits[byte & 0xF]);
  }
  return cid;
}

// The Host header is told apart from the others, as services know it.
std::shared_ptr<const ClientInfo> client_info(HttpRequestHead head, std::string remote_addr) {
  auto info = std::make_shared<ClientInfo>();
  info->remote_addr = std::move(remote_addr);
  info->uri = std::move(head.target);
  for (HttpHeader& header : head.headers) {
    if (header.first == "Host") {
      info->host = std::move(header.second);
    } else {
      info->headers.push_back(std::move(header));
    }
  }
  return info;
}

}  // namespace

// The frames of one connection, while its bytes are being read.
class ClientServer::Impl::FrameEvents final : public WebSocketEvents {
 public:
  FrameEvents(Impl& server, Connection& connection) : server_(server), connection_(connection) {}

  void on_message(std::string message, bool binary) override {
    if (!is_open()) return;
    if (binary && !valid_utf8(message)) {
      return server_.fail(connection_, close_code::kInvalidPayload, "message is not UTF-8");
    }
    ++server_.counters_.frames_in;
    server_.sink_.frame(server_.table_.id_of(connection_), std::move(message));
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

 private:
  bool is_open() const { return connection_.state == ConnectionState::open && !connection_.doomed; }

  Impl& server_;
  Connection& connection_;
};

// Everything the library tells of a connection; no exception may leave it. -1 has the library close the socket.
int ClientServer::Impl::on_lws(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t size) {
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
        server->on_closed(*connection);
    }
  } catch (...) {
    ++server->counters_.exceptions;
    return -1;
  }
  return 0;
}

void ClientServer::Impl::on_accepted(int fd, const sockaddr_storage& peer) noexcept {
  if (table_.in_use() >= max_connections_) {
    ++counters_.rejected;
    ::close(fd);
    return;
  }
  Connection& connection = table_.acquire();
  connection.state = ConnectionState::handshake;
  connection.handshake = std::make_unique<Handshake>();
  connection.handshake->remote_addr = format_peer(peer);
  lws* wsi = lws_.adopt(fd, &connection);
  if (wsi == nullptr) {
    ++counters_.rejected;
    if (connection.state == ConnectionState::handshake) table_.release(connection);  // else it was seen to close
    return;
  }
  ++counters_.accepted;
  connection.wsi = wsi;
  handshakes_.push(connection, uv_now(loop_));
  wake();
}

void ClientServer::Impl::on_readable(Connection& connection, std::string_view bytes) {
  counters_.bytes_in += bytes.size();
  if (connection.doomed) return;
  if (connection.state == ConnectionState::handshake) return read_request(connection, bytes);
  const bool expects_frames =
      connection.state == ConnectionState::open || connection.state == ConnectionState::close_sent;
  if (expects_frames) read_frames(connection, bytes);
}

void ClientServer::Impl::on_writable(Connection& connection) {
  if (connection.doomed) return;
  if (lws_partial_buffered(connection.wsi) != 0) {
    lws_callback_on_writable(connection.wsi);
    return;
  }
  if (std::exchange(connection.reading_paused, false)) lws_rx_flow_control(connection.wsi, 1);
  on_drained(connection);
  const bool due = std::exchange(connection.writable_due, false);
  if (due && connection.state == ConnectionState::open) sink_.writable(table_.id_of(connection));
}

void ClientServer::Impl::on_closed(Connection& connection) {
  stop_waiting(connection);
  connection.wsi = nullptr;
  connection.handshake.reset();
  connection.state = ConnectionState::gone;
  if (connection.announced) {
    ++counters_.closes[connection.close_code == 0 ? close_code::kAbnormal : connection.close_code];
  }
  closed_.push_back(&connection);
  wake();
}

void ClientServer::Impl::read_request(Connection& connection, std::string_view bytes) {
  std::string& request = connection.handshake->bytes;
  const std::size_t seen = request.size();
  request.append(bytes);
  HttpHeadResult result = parse_http_head(request, seen);
  if (const auto* bad = std::get_if<BadRequestHead>(&result)) return refuse(connection, bad->status, bad->reason);
  if (auto* head = std::get_if<HttpRequestHead>(&result)) {
    const std::string kept = std::move(request);  // what is done with it may end the handshake
    const std::string_view rest = std::string_view(kept).substr(head->size);
    on_request(connection, std::move(*head), rest);
  }
}

// The request of a connection, whole; `rest` came behind its head.
void ClientServer::Impl::on_request(Connection& connection, HttpRequestHead head, std::string_view rest) {
  const UpgradeDecision decision = check_upgrade(head, options_.ws_path);
  if (const auto* accepted = std::get_if<AcceptUpgrade>(&decision)) {
    open(connection, std::move(head), accepted->accept, rest);
  } else if (const auto* refused = std::get_if<RefuseUpgrade>(&decision)) {
    refuse(connection, refused->status, refused->reason);
  } else {
    answer_http(connection, head);
  }
}

void ClientServer::Impl::open(Connection& connection, HttpRequestHead head, std::string_view accept,
                              std::string_view rest) {
  if (!write(connection, switching_protocols(accept))) return;
  stop_waiting(connection);
  const std::unique_ptr<Handshake> handshake = std::move(connection.handshake);
  connection.state = ConnectionState::open;
  connection.decoder = WebSocketDecoder(options_.max_message_size);
  connection.announced = true;
  ++counters_.opened;
  sink_.connected(table_.id_of(connection), new_cid(), client_info(std::move(head), std::move(handshake->remote_addr)));
  read_frames(connection, rest);
}

// Every request that is not for a WebSocket ends here.
void ClientServer::Impl::answer_http(Connection& connection, const HttpRequestHead& head) {
  respond(connection, {404, kJson, R"({"code":"system.notFound","message":"Not found"})", {}}, head.method != "HEAD");
}

void ClientServer::Impl::refuse(Connection& connection, unsigned status, std::string_view reason) {
  HttpResponse response{status, "text/plain; charset=utf-8", std::string(reason) + "\n", {}};
  // RFC 6455, section 4.2.2, item 4, and RFC 9110, section 7.8.
  if (status == 426) {
    response.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}};
  }
  respond(connection, response);
}

void ClientServer::Impl::respond(Connection& connection, const HttpResponse& response, bool with_body) {
  write(connection, serialize(response, with_body));
  linger(connection);
}

// The pongs for one read leave together: a client cannot cost a system call with every six bytes it sends.
void ClientServer::Impl::read_frames(Connection& connection, std::string_view bytes) {
  struct Reading {
    Reading(Impl& server, Connection& connection) : server(server) { server.reading_ = &connection; }
    ~Reading() {
      server.reading_ = nullptr;
      server.pongs_.clear();
    }
    Impl& server;
  } reading(*this, connection);
  FrameEvents events(*this, connection);
  connection.decoder.feed(bytes, events);
  flush_pongs(connection);
}

// RFC 6455, section 5.5.1: a close frame is answered by one, with the same code, unless ours was first. Then the server
// is to close the socket (section 7.1.1).
void ClientServer::Impl::answer_close(Connection& connection, std::uint16_t code) {
  if (connection.state == ConnectionState::open) {
    connection.close_code = code;
    write(connection, close_frame(code, {}));
  } else if (connection.state != ConnectionState::close_sent) {
    return;
  }
  drain(connection);
}

}  // namespace resflow
