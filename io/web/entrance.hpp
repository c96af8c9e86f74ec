// Decides whether the web server accepts or refuses a new connection. For that, the class counts all connections
// together, and the connections of each client address. A connection through a trusted proxy is counted for the address
// of the client that the proxy names, not for that of the proxy. Only the thread of the server's event loop may use
// this class.
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

  // Accepts or refuses a new socket from `peer`. Counts an accepted socket for the limit of all connections. Also
  // counts it for the peer's address, except for a trusted proxy, which connects for many clients. Returns nullopt to
  // refuse the socket: there are too many connections, in total or from this address. Then the caller must close the
  // socket.
  std::optional<Lobby::Pass> enter(const IpAddress& peer);
  // Stops counting a socket that enter() has accepted. The server calls this for a socket that was closed while it
  // waited for its first bytes (lobby.hpp).
  void leave(const Lobby::Pass& pass);

  // Counts the connection for an address, and returns which limits of the address are exceeded. Does nothing if the
  // connection is counted already, or if addresses have no limits. In a dry run, the result never says that a limit is
  // exceeded.
  AddressLimits::Check count(Connection& connection, const IpAddress& address);
  // Stops counting the connection: both for the limit of all connections and for its address.
  void leave(Connection& connection);
  // Stops counting the connection for its address. It still counts for the limit of all connections.
  void leave_address(Connection& connection);

 private:
  std::optional<Lobby::Pass> count_peer(const IpAddress& peer);
  AddressLimits::Check judge(const IpAddress& address);

  uv_loop_t* loop_;
  const WebServerOptions& options_;
  WebServerCounters& counters_;
  std::unique_ptr<Admission> own_;  // exists only if options.admission is null
  Admission& admission_;
};

}  // namespace resflow
