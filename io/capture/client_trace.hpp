// Logs the traffic with clients at trace level, with the arrows that Resgate uses. Each line begins with the id of the
// connection: `[cid] --> request`, `[cid] <-- reply`, `[cid] <<- event`. The lane calls a ClientTrace as a Tap
// (nodes/tap.hpp) for what enters the lane, and as the lane's ClientPort for what the lane sends to clients. The
// gateway uses a ClientTrace only while tracing is on. All functions: on the lane's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/ports.hpp"
#include "nodes/tap.hpp"

namespace resflow {

class ClientTrace final : public Tap, public ClientPort {
 public:
  // Both references must outlive this object.
  ClientTrace(ClientPort& clients, LogPort& log) : clients_(clients), log_(log) {}

  // Tap: logs what comes from clients.
  using Tap::entered;
  void entered(const ParseIn& message) override;

  // ClientPort: these functions log what the lane sends to clients, and pass it on. send() logs frames only if
  // `clients_` has taken them.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override { clients_.pause(conn); }
  void resume(ConnId conn) override { clients_.resume(conn); }

 private:
  struct Client {
    ConnId conn;
    std::string mark;  // `[cid] `; empty if the slot is unused
  };

  void log(const Connected& client);
  void log(const WebRequest& request);
  void log(const ClientText& message);
  void log(const Disconnected& message);
  // Remembers the id of a connection until forget(). Traffic of unknown connections is not logged.
  void know(ConnId conn, std::string_view cid);
  void forget(ConnId conn);
  void trace(ConnId conn, std::string_view what, std::string_view text);

  ClientPort& clients_;
  LogPort& log_;
  std::vector<Client> known_;  // the clients by the slot of their ConnId
};

}  // namespace resflow
