// Decides which connections may come in to one server. For that, it counts all connections, and the connections of each
// address. Each connection takes one place (Admission::take), and is counted for at most one address: that of its peer,
// or that of the client that a trusted proxy names. Loop thread only.
#pragma once

#include <uv.h>

#include <memory>
#include <optional>

#include "io/web/admission.hpp"
#include "io/web/connection.hpp"
#include "io/web/lobby.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

class Entrance {
 public:
  // `options` and `counters` must outlive this object.
  Entrance(uv_loop_t* loop, const WebServerOptions& options, WebServerCounters& counters);

  // Takes a place for a socket that was accepted from `peer`, and counts the socket for the peer's address unless the
  // peer is a trusted proxy. Returns nullopt if the socket may not come in; then the caller closes the socket.
  std::optional<Lobby::Pass> enter(const IpAddress& peer);
  // Gives back the place of a socket that the lobby has closed, and stops counting the socket for its address.
  void leave(const Lobby::Pass& pass);

  // Counts the connection for an address, unless the connection is counted already or addresses have no limits. Returns
  // which limits of the address are exceeded; in a dry run, returns none.
  AddressLimits::Check count(Connection& connection, const IpAddress& address);
  // Gives back the place of the connection, and no longer counts the connection for its address.
  void leave(Connection& connection);
  // Stops counting the connection for its address. The connection keeps its place.
  void leave_address(Connection& connection);

 private:
  std::optional<Lobby::Pass> count_peer(const IpAddress& peer);
  AddressLimits::Check judge(const IpAddress& address);

  uv_loop_t* loop_;
  const WebServerOptions& options_;
  WebServerCounters& counters_;
  std::unique_ptr<Admission> own_;  // null if the admission is shared with other servers
  Admission& admission_;
};

}  // namespace resflow
