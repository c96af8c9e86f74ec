// Reads the messages of WebSocket connections (RFC 6455, RFC 7692), and passes them to the gateway through the
// interface ClientSink (the sink). One MessageReader serves all connections of one web server. Only the thread of the
// server's event loop may use this class.
#pragma once

#include <memory>
#include <string_view>

#include "io/web/deflate.hpp"
#include "io/web/inflation_budget.hpp"
#include "io/web/web_server_core.hpp"

namespace resflow {

class MessageReader {
 public:
  explicit MessageReader(WebServerCore& core);

  // Processes bytes that have just been received. The connection's state must be `open` or `close_sent`.
  void read(Connection& connection, std::string_view bytes);
  // Processes bytes that the server has kept, because it could not process them when they came: for example, the budget
  // for decompressed bytes was used up. The connection's state must be `open`.
  void read_again(Connection& connection);
  // Ends a connection whose message was not complete in time. The client gets close code 1008.
  void on_late_message(Connection& connection);
  // Makes the server's whole budget for decompressed bytes available again (InflationBudget::renew). WebServer must
  // call this at the start of each iteration of its event loop in which it calls read_again().
  void renew_budget();

 private:
  class FrameEvents;
  // What MessageReader needs to decompress messages.
  struct Inflation {
    explicit Inflation(InflationBudget budget) : budget(budget) {}

    Inflater messages;
    InflationBudget budget;
  };

  void read_frames(Connection& connection, std::string_view bytes);
  bool may_inflate(const Connection& connection) const;
  bool keep(Connection& connection, std::string_view bytes);
  void answer_close(Connection& connection, std::uint16_t code);

  WebServerCore& core_;
  std::unique_ptr<Inflation> inflation_;  // null: the server does not offer compression (WebServerOptions::compression)
};

}  // namespace resflow
