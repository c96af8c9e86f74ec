// Work that a web server puts off to the next iteration of its event loop: to close sockets, to report ended
// connections to the gateway (ClientSink, the sink), and to process bytes that had to wait. The server often notices
// within a callback or a send() that such work is needed. But it cannot do the work there, because the callers of the
// callback or the send() still use the connection. In the next iteration, none of these callers is on the stack any
// more. A uv_idle handle runs the work then. Only the thread of the event loop may use this class.
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
  // `run` must do all work that waits in this object. Each function that adds work, such as cut(), makes the loop call
  // `run` in each iteration; so does wake(). The calls end when stop_if_idle() finds no work left.
  NextIteration(uv_loop_t* loop, ConnectionTable& table, Deadlines& deadlines, std::function<void()> run);

  // Cuts the connection off: in the next iteration, the server closes its socket, even if some output is still unsent.
  void cut(Connection& connection);
  // In the next iteration, tells the gateway (ClientSink) that the connection has ended. Call this only after the
  // connection's socket was closed.
  void tell_end(Connection& connection);
  // In the next iteration, processes the bytes of the connection that the server has received but not processed yet.
  void read_again(const Connection& connection);
  // Like read_again(), but the server processes this connection before all connections that were passed to
  // read_again().
  void read_first(const Connection& connection);
  // Makes the loop call `run` in the next iteration, even if no work waits in this object. Output keeps compressed
  // copies of frames until the next iteration, and needs this call of `run` to free them.
  void wake();

  // Returns the connections to process: first those that were passed to read_first(), then those that were passed to
  // read_again(). Empties both lists.
  std::vector<ConnId> take_readers();
  // Returns the connections that were passed to cut(), and empties the list.
  std::vector<ConnId> take_cut() { return std::exchange(cut_, {}); }
  // Returns the connections that were passed to tell_end(), and empties the list.
  std::vector<Connection*> take_ended() { return std::exchange(ended_, {}); }

  // Stops the calls to `run` if no work is left. They start again with wake(), or with a function that adds work, such
  // as cut().
  void stop_if_idle();
  // Stops the calls to `run` for good, and closes the libuv handle. Called when the server is destroyed.
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
