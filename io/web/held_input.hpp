// Counts the bytes that a server keeps of unfinished messages and requests, for all of its connections together. Above
// the limit, the server does not read from a connection that sends more of its message, until there is room. The
// connections that wait for room keep their bytes, so if all of them waited, there would never be room. Therefore the
// server goes on reading from one of these connections, until the message of this connection is complete. Loop thread
// only.
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

  // Counts again how many bytes the server keeps for the connection. If the number has grown and the limit is exceeded,
  // the connection has to wait for room. If the number has become smaller, waiting connections may go on. Other parts
  // of the server call this after bytes of the connection were received or used, and after its state has changed. Does
  // nothing if the socket of the connection is closed.
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
  // The bytes that are kept for all connections.
  std::size_t bytes_ = 0;
  // The slots of the connections that wait for room; the one that has waited longest comes first. The connection of an
  // entry may have stopped waiting, or may have ended; then a later connection may use its slot. At worst, such an
  // entry lets the later connection go on too early.
  std::deque<std::uint32_t> starved_;
  ConnId exempt_;  // the one connection that the server reads from although the limit is exceeded; it may have ended
};

}  // namespace resflow
