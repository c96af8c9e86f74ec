// Stops and resumes reading from connections. A connection can be paused for several reasons (Pause) at once. The
// server reads from the connection again when the last reason is removed. Only the thread of the server's event loop
// may use this class.
#pragma once

#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"

namespace resflow {

class Pauses {
 public:
  explicit Pauses(Deadlines& deadlines) : deadlines_(deadlines) {}

  // Stops reading from the connection for the reason `why`. The socket of the connection must be open.
  void begin(Connection& connection, Pause why);
  // Removes the reason `why`. Does nothing if the connection is not paused for this reason.
  void end(Connection& connection, Pause why);
  // Removes all reasons except Pause::backlog (the client has not read all output yet). WebServer removes that reason
  // when the backlog is written.
  void end_all_but_backlog(Connection& connection);

 private:
  Deadlines& deadlines_;
};

}  // namespace resflow
