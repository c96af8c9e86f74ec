// Decides whether the web server accepts or refuses a new connection. For that, it counts all connections, and the
// connections of each address. Each connection takes one place in the limit for all connections (Admission::take). It
// is counted for at most one address: that of its peer, or that of the client that a trusted proxy names. Only the
// thread of the server's event loop may use this class.
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

  // Takes a place in the limit for all connections, for a socket that was accepted from `peer`. Also counts the socket
  // for the peer's address, unless the peer is a trusted proxy, which connects for many clients. Returns nullopt if
  // there is no place, or if the address has too many connections. Then the caller must close the socket.
  std::optional<Lobby::Pass> enter(const IpAddress& peer);
  // Gives back the place of a socket in the limit for all connections, and stops counting the socket for its address.
  // The server calls this for a socket that was closed while it waited for its first bytes (lobby.hpp).
  void leave(const Lobby::Pass& pass);

  // Counts the connection for an address. Does nothing if the connection is counted already, or if addresses have no
  // limits. Returns which limits of the address are exceeded. In a dry run, the result says that no limit is exceeded.
  AddressLimits::Check count(Connection& connection, const IpAddress& address);
  // Gives back the connection's place in the limit for all connections, and stops counting it for its address.
  void leave(Connection& connection);
  // Stops counting the connection for its address. It keeps its place in the limit for all connections.
  void leave_address(Connection& connection);

 private:
  std::optional<Lobby::Pass> count_peer(const IpAddress& peer);
  AddressLimits::Check judge(const IpAddress& address);

  uv_loop_t* loop_;
  const WebServerOptions& options_;
  WebServerCounters& counters_;
  std::unique_ptr<Admission> own_;  // null: the server uses options.admission, which it shares with other servers
  Admission& admission_;
};

}  // namespace resflow
