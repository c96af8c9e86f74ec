// What a web server does in the next iteration of its loop. A socket must not be closed within its own callback, or
// within a send() that the sink makes, because callers further up the stack still use the connection. The same holds
// for calls to the sink about a connection that has ended, and for bytes that are read again. So all of this is put
// off. A uv_idle handle runs it in the next iteration, when no such caller is on the stack. Loop thread only.
#pragma once

#include <uv.h>

#include <functional>
#include <utility>
#include <vector>

#include "io/uv_handle.hpp"
#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"

namespace resflow {

class NextIteration {
 public:
  // `run` is called in each iteration, from the first call to wake() or to a function below until stop_if_idle() is
  // called with nothing left.
  NextIteration(uv_loop_t* loop, ConnectionTable& table, Deadlines& deadlines, std::function<void()> run);

  // Cuts the connection off: closes its socket, even if something is still unsent.
  void cut(Connection& connection);
  // Tells the sink of the end of the connection, whose socket is closed.
  void tell_end(Connection& connection);
  // Processes the bytes that were received from the connection earlier. Connections of read_first() come first in the
  // iteration.
  void read_again(const Connection& connection);
  void read_first(const Connection& connection);
  void wake();

  // Each returns what was put off, and forgets it.
  std::vector<ConnId> take_readers();
  std::vector<ConnId> take_cut() { return std::exchange(cut_, {}); }
  std::vector<Connection*> take_ended() { return std::exchange(ended_, {}); }

  // Does not call `run` again until there is a reason.
  void stop_if_idle();
  // Ends the calls to `run`. The loop then has no handle of this object any more.
  void end() { idle_.reset(); }

 private:
  ConnectionTable& table_;
  Deadlines& deadlines_;
  std::function<void()> run_;
  std::vector<ConnId> first_;
  std::vector<ConnId> readers_;
  std::vector<ConnId> cut_;
  std::vector<Connection*> ended_;
  UvHandle<uv_idle_t> idle_;
};

}  // namespace resflow
