#include "io/capture/client_trace.hpp"

namespace resflow {

namespace {

// Returns the payload of a WebSocket frame from the gateway. The second byte tells the size of the frame's header.
std::string_view payload_of(std::string_view frame) {
  const auto length = static_cast<unsigned char>(frame[1]);
  return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

// Returns true for an uncompressed text frame. Its first byte is 0x81: the FIN bit and the opcode for text (RFC 6455).
bool is_plain_text(std::string_view frame) {
  return static_cast<unsigned char>(frame[0]) == 0x81;
}

}  // namespace

void ClientTrace::know(ConnId conn, std::string_view cid) {
  if (conn.slot >= known_.size()) known_.resize(conn.slot + 1);
  known_[conn.slot] = Client{conn, '[' + std::string(cid) + "] "};
}

void ClientTrace::forget(ConnId conn) {
  if (conn.slot < known_.size() && known_[conn.slot].conn == conn) known_[conn.slot] = Client{};
}

void ClientTrace::entered(const ParseIn& message) {
  std::visit([this](const auto& m) { log(m); }, message);
}

void ClientTrace::log(const Connected& client) {
  know(client.conn, client.info->cid());
  trace(client.conn, client.kind == ClientKind::held ? "Connecting: " : "Connected: ", client.info->remote_addr());
}

void ClientTrace::log(const WebRequest& request) {
  know(request.conn, request.info->cid());
  const std::string line = request.method + ' ' + std::string(request.info->uri());
  trace(request.conn, "--> ", request.body.empty() ? line : line + ' ' + request.body);
}

void ClientTrace::log(const ClientText& message) {
  trace(message.conn, "--> ", message.text);
}

void ClientTrace::log(const Disconnected& message) {
  trace(message.conn, "Disconnected", "");
  forget(message.conn);
}

bool ClientTrace::send(ConnId conn, std::span<const Frame> frames) {
  if (!clients_.send(conn, frames)) return false;
  for (const Frame& frame : frames) {
    const std::string_view payload = payload_of(*frame);
    if (!is_plain_text(*frame)) {
      trace(conn, "<-- ", "(compressed, " + std::to_string(payload.size()) + " bytes)");
    } else {
      trace(conn, payload.starts_with(R"({"event":)") ? "<<- " : "<-- ", payload);
    }
  }
  return true;
}

void ClientTrace::close(ConnId conn, const CloseReason& reason) {
  trace(conn, "Disconnecting - ", reason.text);
  clients_.close(conn, reason);
}

void ClientTrace::accept(ConnId conn, const Headers& headers) {
  trace(conn, "Connected", "");
  clients_.accept(conn, headers);
}

void ClientTrace::respond(ConnId conn, const WebResponse& response) {
  const std::string status = std::to_string(response.status);
  trace(conn, "<-- ", response.body.empty() ? status : status + ' ' + response.body);
  forget(conn);
  clients_.respond(conn, response);
}

void ClientTrace::trace(ConnId conn, std::string_view what, std::string_view text) {
  if (conn.slot >= known_.size() || known_[conn.slot].conn != conn || known_[conn.slot].mark.empty()) return;
  log_.log(LogLevel::trace, std::string(known_[conn.slot].mark).append(what).append(text));
}

}  // namespace resflow
