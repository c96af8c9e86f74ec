// The HTTP part of a web server. It reads requests (RFC 9112), passes them to the sink, one at a time per connection,
// and writes the responses. It also opens WebSocket connections. Bytes that follow a request wait until it is answered.
// They are processed in the next iteration of the loop, because respond() and accept() are called from deep inside the
// sink. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/web/web_server_core.hpp"

namespace resflow {

class HttpServer {
 public:
  explicit HttpServer(WebServerCore& core) : core_(core) {}

  // Takes received bytes of a connection in the states `requesting`, `answering` and `opening`.
  void read(Connection& connection, std::string_view bytes);
  // Goes on with the bytes that wait. The state must be `requesting`.
  void read_again(Connection& connection);
  // Opens the WebSocket connection. The state must be `opening`.
  void accept(Connection& connection, const Headers& headers);
  // Answers the request, or the handshake. The state must be `answering` or `opening`.
  void respond(Connection& connection, const WebResponse& response);
  // Answers with an error that no web page needs to read, and ends the connection.
  void refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  // Ends a connection whose request did not come in time.
  void on_late_request(Connection& connection);

 private:
  void read_request(Connection& connection);
  void on_head(Connection& connection);
  void begin_body(Connection& connection, std::string_view head);
  void read_body(Connection& connection);
  void pass_request(Connection& connection);
  void start_websocket(Connection& connection, std::string accept);
  bool open(Connection& connection, const Headers& headers);
  void refuse_page(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  bool is_refused_for_address(Connection& connection, bool opens_websocket);
  void answer(Connection& connection, const WebResponse& response, bool keep_alive);
  void next_request(Connection& connection);
  std::string_view date();

  WebServerCore& core_;
  std::int64_t date_second_ = 0;  // the second for which date_ was made
  std::string date_;
};

}  // namespace resflow
