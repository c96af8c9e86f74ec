// The HTTP part of a web server. Reads requests (RFC 9112), passes them to the sink (ClientSink), one at a time per
// connection, and writes the responses of the sink. Also opens WebSocket connections. Bytes that follow a request wait
// until the sink has answered the request. HttpServer processes these bytes in the next iteration of the loop. It does
// not process them within respond() or accept(), because the sink and its callers are still on the stack then. Only the
// thread of the server's event loop may use this class.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/web/web_server_core.hpp"

namespace resflow {

class HttpServer {
 public:
  explicit HttpServer(WebServerCore& core) : core_(core) {}

  // Processes bytes that have just been received. The state must be `requesting`, `answering` or `opening`.
  void read(Connection& connection, std::string_view bytes);
  // Processes bytes that were received earlier and had to wait. The state must be `requesting`.
  void read_again(Connection& connection);
  // Opens the WebSocket connection. Adds `headers` to the response to the handshake. The state must be `opening`.
  void accept(Connection& connection, const Headers& headers);
  // Answers the web request or the handshake. The state must be `answering` or `opening`.
  void respond(Connection& connection, const WebResponse& response);
  // Answers with an error, and ends the connection. Adds no CORS headers, so a web page can read the response only if
  // `headers` contains CORS headers.
  void refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  // Ends a connection whose request was not complete in time. The client gets status 408 if its request has begun.
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
  std::int64_t date_second_ = 0;  // Unix time that date_ contains as text
  std::string date_;
};

}  // namespace resflow
