// The HTTP part of a web server. It reads requests (RFC 9112), passes them to the gateway through the interface
// ClientSink (the sink), and writes the responses that come back. It also opens WebSocket connections. A connection has
// one request at a time: the bytes that follow a request wait until the request is answered, and are processed in the
// next iteration of the event loop. Only the thread of the loop may use this class.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/web/web_server_core.hpp"

namespace resflow {

class HttpServer {
 public:
  explicit HttpServer(WebServerCore& core) : core_(core) {}

  // Processes bytes that have just been received. The connection's state must be `requesting`, `answering` or
  // `opening`.
  void read(Connection& connection, std::string_view bytes);
  // Processes bytes that came while the previous request was being answered. The connection's state must be
  // `requesting`.
  void read_again(Connection& connection);
  // Opens the WebSocket connection that the client has asked for. Adds `headers` to the response. The connection's
  // state must be `opening`.
  void accept(Connection& connection, const Headers& headers);
  // Sends the response to a web request, or refuses a WebSocket handshake with the response. The connection's state
  // must be `answering` or `opening`.
  void respond(Connection& connection, const WebResponse& response);
  // Answers with an error, and ends the connection. Adds no CORS headers. If web pages of other origins must be able to
  // read the error, the caller passes CORS headers in `headers`.
  void refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  // Ends a connection whose request was not complete in time. The client gets a response with status 408 if a part of
  // the request has come, and otherwise no response.
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
  std::int64_t date_second_ = 0;  // the Unix time in seconds for which date_ was made
  std::string date_;              // the value of the response header Date for that second
};

}  // namespace resflow
