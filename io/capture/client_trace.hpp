// Logs the traffic between one lane (a thread of the gateway) and its clients, at log level trace. The lines begin with
// the id of the connection: `[cid] --> request`, `[cid] <-- reply`, `[cid] <<- event`. Resgate, the gateway that
// resflow replaces, logs in the same form.
//
// A ClientTrace is a Tap (nodes/tap.hpp), so the lane calls it for each message that enters the lane. It is also the
// lane's ClientPort, so the lane calls it to send to clients. The gateway uses a ClientTrace only while tracing is on.
// All functions: on the lane's thread.
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

  // Override of Tap: logs what comes from clients.
  using Tap::entered;
  void entered(const ParseIn& message) override;

  // Overrides of ClientPort: each function passes the call on to `clients_`. What the lane sends is also logged; send()
  // logs the frames only if `clients_` has accepted them.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override { clients_.pause(conn); }
  void resume(ConnId conn) override { clients_.resume(conn); }

 private:
  struct Client {
    ConnId conn;
    std::string mark;  // how the client's log lines begin: `[cid] `; empty: this entry of known_ is unused
  };

  void log(const Connected& client);
  void log(const WebRequest& request);
  void log(const ClientText& message);
  void log(const Disconnected& message);
  // know(): remembers that the connection `conn` has the id `cid`. forget(): forgets this id. Only connections with a
  // remembered id are logged.
  void know(ConnId conn, std::string_view cid);
  void forget(ConnId conn);
  void trace(ConnId conn, std::string_view what, std::string_view text);

  ClientPort& clients_;
  LogPort& log_;
  std::vector<Client> known_;  // the index is `slot`, a member of ConnId
};

}  // namespace resflow
