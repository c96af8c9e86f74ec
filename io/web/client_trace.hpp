// The traffic with clients in the log, at trace level and in Resgate's arrows, each line behind the connection's id:
// `[cid] --> request`, `[cid] <-- reply`, `[cid] <<- event`. It stands between a lane and its clients, and only while
// there is tracing. It is called on its lane's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/ports.hpp"

namespace resflow {

class ClientTrace final : public ClientPort {
 public:
  // Both outlive it.
  ClientTrace(ClientPort& clients, LogPort& log) : clients_(clients), log_(log) {}

  // What comes from clients.
  void connected(const Connected& client);
  void frame(ConnId conn, std::string_view text);
  void request(const WebRequest& request);
  void disconnected(ConnId conn);

  // What goes to them, passed on. Frames count when they are taken.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override { clients_.pause(conn); }
  void resume(ConnId conn) override { clients_.resume(conn); }

 private:
  struct Client {
    ConnId conn;
    std::string mark;  // `[cid] `; empty: nobody is there
  };

  void know(ConnId conn, std::string_view cid);
  void forget(ConnId conn);
  void trace(ConnId conn, std::string_view what, std::string_view text);

  ClientPort& clients_;
  LogPort& log_;
  std::vector<Client> known_;  // by slot
};

}  // namespace resflow
