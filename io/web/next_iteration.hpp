// What a web server puts off to the next iteration of its loop. The server must not close a socket within the socket's
// own callback, or within a send() that the sink makes, because callers further up the stack still use the connection.
// For the same reason the server puts off calls to the sink about a connection that has ended, and the processing of
// bytes that had to wait. A uv_idle handle runs this work in the next iteration, when no such caller is on the stack.
// Only the thread of the server's event loop may use this class.
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
  // `run` must do the work that was put off. After wake(), or after a function that puts work off, the loop calls `run`
  // in every iteration. The calls end when stop_if_idle() finds that no work is left.
  NextIteration(uv_loop_t* loop, ConnectionTable& table, Deadlines& deadlines, std::function<void()> run);

  // Cuts the connection off: in the next iteration, the server closes its socket, even if some output is still unsent.
  void cut(Connection& connection);
  // In the next iteration, tells the sink that the connection has ended. The socket of the connection must be closed.
  void tell_end(Connection& connection);
  // In the next iteration, processes the bytes that were received from the connection earlier.
  void read_again(const Connection& connection);
  // Like read_again(), but the server processes this connection before all connections that were passed to
  // read_again().
  void read_first(const Connection& connection);
  // Makes the loop call `run` in the next iteration, even if no work was put off.
  void wake();

  // Returns the connections that were passed to read_first(), then those that were passed to read_again(), and forgets
  // them.
  std::vector<ConnId> take_readers();
  // Returns the connections that were passed to cut(), and forgets them.
  std::vector<ConnId> take_cut() { return std::exchange(cut_, {}); }
  // Returns the connections that were passed to tell_end(), and forgets them.
  std::vector<Connection*> take_ended() { return std::exchange(ended_, {}); }

  // Stops the calls to `run` if no work is left. wake(), or a function that puts work off, starts them again.
  void stop_if_idle();
  // Stops the calls to `run` for good, and gives the libuv handle back to the loop.
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
