// Limits the memory for unfinished messages and requests. These are received bytes, and the limit is for all
// connections of a server together. Above the limit, the server stops reading from a connection that sends more of its
// message. This connection waits for room, that is, until the server keeps fewer bytes. Waiting connections keep their
// bytes, so if all of them waited, there would never be room. Therefore the server always reads from one of them, until
// the message of this connection is complete. Only the thread of the server's event loop may use this class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"
#include "io/web/pauses.hpp"

namespace resflow {

class HeldInput {
 public:
  HeldInput(std::size_t limit, ConnectionTable& table, Pauses& pauses, Deadlines& deadlines)
      : limit_(limit), table_(table), pauses_(pauses), deadlines_(deadlines) {}

  // Counts again how many bytes the server keeps for the connection. If the number has grown and all connections
  // together exceed the limit, the server stops reading from this connection. If the number has become smaller, the
  // server may read again from connections that wait. Other parts of the server call this after they have received or
  // processed bytes of the connection, or changed its state. Does nothing if the socket of the connection is closed.
  void recount(Connection& connection);
  // Stops counting the bytes of the connection. WebServer calls this when the socket of the connection is closed.
  void drop(Connection& connection);

 private:
  void await_room(Connection& connection);
  void share_room();

  std::size_t limit_;
  ConnectionTable& table_;
  Pauses& pauses_;
  Deadlines& deadlines_;
  // How many received bytes are kept for all connections together.
  std::size_t bytes_ = 0;
  // The slots of the connections from which the server does not read, because the limit is exceeded. The connection
  // that has waited longest comes first. An entry may be out of date: the connection may have ended, and a later
  // connection may use its slot. At worst, the server then reads from the later connection too early.
  std::deque<std::uint32_t> starved_;
  // The server reads from this one connection even while the limit is exceeded, so that at least one message gets
  // complete. If this connection has ended, the server chooses another one.
  ConnId exempt_;
};

}  // namespace resflow
