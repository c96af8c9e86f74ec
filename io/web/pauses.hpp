// Stops and starts to read from connections. A connection is read when no reason for a pause is left. Loop thread only.
#pragma once

#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"

namespace resflow {

class Pauses {
 public:
  explicit Pauses(Deadlines& deadlines) : deadlines_(deadlines) {}

  // The connection's socket must be open.
  void begin(Connection& connection, Pause why);
  // Does nothing if the connection is not paused for this reason.
  void end(Connection& connection, Pause why);
  // Ends all pauses except that for a backlog, which ends when the backlog is written.
  void end_all_but_backlog(Connection& connection);

 private:
  Deadlines& deadlines_;
};

}  // namespace resflow
