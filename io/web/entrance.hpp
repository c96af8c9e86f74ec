// Counts the connections of one server, and the connections of each address, and says which connections may not come
// in. Each connection takes a place (Admission), and is counted for one address at most: that of its peer, or of the
// client that a trusted proxy names. Loop thread only.
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
  // `options` and `counters` must outlive it.
  Entrance(uv_loop_t* loop, const WebServerOptions& options, WebServerCounters& counters);

  // Takes a place for a socket that was accepted from `peer`. Returns nullopt if it may not come in; then the caller
  // closes the socket.
  std::optional<Lobby::Pass> enter(const IpAddress& peer);
  // Gives the place back that a socket has taken, before it is a connection.
  void leave(const Lobby::Pass& pass);

  // Counts the connection for an address, unless it is counted already or addresses have no limits. Returns the
  // verdict, which in a dry run is always good.
  AddressLimits::Check count(Connection& connection, const IpAddress& address);
  // Gives back the connection's place, and no longer counts it for its address.
  void leave(Connection& connection);
  void leave_address(Connection& connection);

 private:
  std::optional<Lobby::Pass> count_peer(const IpAddress& peer);
  AddressLimits::Check judge(const IpAddress& address);

  uv_loop_t* loop_;
  const WebServerOptions& options_;
  WebServerCounters& counters_;
  std::unique_ptr<Admission> own_;  // null if the admission is shared
  Admission& admission_;
};

}  // namespace resflow
