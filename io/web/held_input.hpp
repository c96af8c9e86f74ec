// Counts the bytes that a server keeps of unfinished messages and requests, for all of its connections together. Above
// the limit, a connection that sends more of its message is not read until there is room. Waiting connections keep
// bytes, so if all of them waited, there would never be room. Therefore one of them is read all the same, until its
// message is complete. Loop thread only.
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

  // Counts the bytes that are kept for the connection now. Must be called when bytes were taken from it, or when its
  // state has changed. Does nothing if its socket is closed.
  void recount(Connection& connection);
  // Must be called when the connection's socket is closed.
  void drop(Connection& connection);

 private:
  void await_room(Connection& connection);
  void share_room();

  std::size_t limit_;
  ConnectionTable& table_;
  Pauses& pauses_;
  Deadlines& deadlines_;
  std::size_t bytes_ = 0;
  // The slots of the connections that wait for room, first come first. A slot may be in use by a later connection, or
  // its connection may not wait any more.
  std::deque<std::uint32_t> starved_;
  ConnId exempt_;  // the one connection that is read above the limit
};

}  // namespace resflow
