// Ends connections. The functions differ in why the connection ends, and in what the peer still gets:
//
// | function | why the connection ends             | what the peer still gets                                       |
// | -------- | ----------------------------------- | -------------------------------------------------------------- |
// | close    | the gateway wants to close it       | all output, a close frame, and time to answer it               |
// | fail     | the client has broken a rule        | all output and a close frame; what the peer sends is discarded |
// | drain    | both sides have sent a close frame  | all output; then the server closes the socket                  |
// | linger   | the server takes no further request | all output, then the end of our stream (a TCP FIN); the server |
// |          |                                     | then waits for the end of the peer's stream                    |
//
// A caller that wants to close a socket at once, without writing the remaining output, calls NextIteration::cut()
// instead. Only the thread of the server's event loop may use this class.
#pragma once

#include <cstdint>
#include <string_view>

#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"
#include "io/web/held_input.hpp"
#include "io/web/next_iteration.hpp"
#include "io/web/output.hpp"
#include "io/web/pauses.hpp"
#include "nodes/protocol/client_messages.hpp"

namespace resflow {

class Closing {
 public:
  Closing(Output& output, Deadlines& deadlines, Pauses& pauses, HeldInput& held_input, NextIteration& next)
      : output_(output), deadlines_(deadlines), pauses_(pauses), held_input_(held_input), next_(next) {}

  // Begins the closing handshake: sends a close frame, and the client must answer with a close frame (RFC 6455, section
  // 7.1.2).
  void close(Connection& connection, const CloseReason& reason);
  // Sends a close frame because the client has broken a rule, and ignores what the client sends after that. RFC 6455,
  // section 7.1.7, calls this "Fail the WebSocket Connection".
  void fail(Connection& connection, std::uint16_t code, std::string_view text);
  // Closes the socket when all output is written.
  void drain(Connection& connection);
  // Ends our side of the TCP stream when all output is written. Then waits until the peer ends its side.
  void linger(Connection& connection);
  // Completes what drain() or linger() has begun; does nothing for other connections. WebServer calls this when the
  // backlog of a connection (output that the socket did not take at once) is written.
  void on_drained(Connection& connection);

 private:
  void await_end(Connection& connection, ConnectionState state);

  Output& output_;
  Deadlines& deadlines_;
  Pauses& pauses_;
  HeldInput& held_input_;
  NextIteration& next_;
};

}  // namespace resflow
