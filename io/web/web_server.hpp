// The web server of one lane. It listens on a TCP port, opens WebSocket connections (RFC 6455), passes their messages
// to a sink, and writes frames to them. It also passes web requests (HTTP/1.1, RFC 9112) to the same sink, one at a
// time per connection, and writes the responses. It runs on its lane's libuv loop. Every call to the server or to the
// sink is on the thread of this loop.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/ip_address.hpp"
#include "nodes/protocol/client_messages.hpp"
#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

class Admission;
class ServerTls;

// Receives what clients do. The lane implements it. For one WebSocket connection it is called with `connected` first,
// then with `frame` and `writable` any number of times, and at last with `disconnected`. A held connection has no
// frames before it is accepted, and if it is answered by respond() instead, no call follows. For one web request it is
// called with `request`, and then with `disconnected` if the client goes before it is answered. The sink may call the
// server's functions, for any connection. An exception from the sink ends the connection that the call was for.
class ClientSink {
 public:
  virtual ~ClientSink() = default;

  // A connection is open, or held until accept() or respond(). Its cid is 32 hexadecimal digits.
  virtual void connected(Connected client) = 0;
  // A complete message came, text or binary, which is valid UTF-8.
  virtual void frame(ConnId conn, std::string text) = 0;
  // A web request came. The sink must answer it with respond().
  virtual void request(WebRequest request) = 0;
  // The socket is closed. This is never called within a call to the server.
  virtual void disconnected(ConnId conn) = 0;
  // The backlog is written, so send() takes frames again. This is called after a send() that left a backlog or was
  // refused.
  virtual void writable(ConnId conn) = 0;
};

struct WebServerOptions {
  std::string addr;           // an IPv4 or IPv6 literal; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 8080;  // 0: the system chooses a free port
  // False: it is an error if the port is in use. True: join the sockets that listen on the port, and the kernel spreads
  // new connections over them. The second and later lanes set it.
  bool share_port = false;
  std::string ws_path = "/";     // path of WebSocket connections; empty: there are none
  bool hold_handshakes = false;  // WebSocket handshakes wait for accept() or respond()
  // Origins that may open WebSocket connections and read refusals, as in WebOptions.
  std::vector<std::string> allow_origins{"*"};
  bool compression = false;  // compress messages for WebSocket clients that offer it (RFC 7692)
  LaneId lane = 0;
  // The most bytes of a client's message; a longer one ends the connection with 1009. It is also the most bytes of a
  // request's body; a longer one is answered with 413.
  std::size_t max_message_size = 1 << 20;
  // Decides which clients may connect. It is shared with other servers, and must outlive them. Null: the server has its
  // own limit of max_connections. If this is 0, only the limit of open files counts.
  Admission* admission = nullptr;
  std::size_t max_connections = 0;
  // Proxies that are trusted to name their clients: in HTTP headers, and with proxy_protocol in the header of the PROXY
  // protocol. With proxy_protocol they must send that header.
  std::vector<IpNetwork> trusted_proxies;
  bool proxy_protocol = false;
  // Adds CORS headers when a web request is refused before the sink sees it, so that web pages can read the response.
  bool cors = false;
  bool cors_credentials = false;
  // How long a request may take to come in (408). Each 16 KB of its body start the time anew. For the first request of
  // a connection, the time includes the TLS handshake.
  std::uint64_t request_timeout_ms = 10'000;
  std::uint64_t idle_timeout_ms = 75'000;  // how long a connection may be idle between two requests
  // How long a WebSocket message that has begun may take to come in (1008). Each 16 KB of it start the time anew.
  std::uint64_t message_timeout_ms = 30'000;
  // How long the peer may take to acknowledge 16 KB of a backlog, or all of it if it is smaller. A connection that is
  // slower is cut off. While there is a backlog no other time limit runs; the wait for the peer's end, for example,
  // begins afterwards.
  std::uint64_t write_timeout_ms = 30'000;
  std::uint64_t close_timeout_ms = 2'000;  // how long the peer may take to answer a close; then it is cut off
  // The most bytes of all unfinished messages and requests together. Above it, connections that send more of them wait
  // until there is room. Only one of them at a time goes on.
  std::size_t max_held_bytes = 32 << 20;
  ServerTls* tls = nullptr;         // null: plain text; otherwise it must outlive the server
  LogPort* log = nullptr;           // null: nothing is logged; otherwise it must outlive the server
  unsigned keepalive_seconds = 60;  // a silent peer is probed by TCP after this time; 0: never
  // Receives the warnings and errors of libwebsockets, one line at a time. Null: they are dropped. In a process with
  // several servers, the first server's function is used, on the threads of all of them.
  void (*lws_log)(int level, const char* line) = nullptr;
};

struct WebServerCounters {
  std::uint64_t accepted = 0;  // TCP connections that got a place (see Admission::take())
  // TCP connections above the limit of all connections; they are closed at once, except in a dry run. Connections that
  // libwebsockets did not take are counted here, too.
  std::uint64_t rejected = 0;
  // Connections above the limits of their address (in a dry run they are only counted), and connections of trusted
  // proxies that sent no PROXY header.
  std::uint64_t too_many_of_address = 0;
  std::uint64_t too_fast_of_address = 0;
  std::uint64_t without_proxy_header = 0;
  std::uint64_t tls_failed = 0;  // connections whose TLS handshake failed: not TLS, no common version, given up
  std::uint64_t slow = 0;        // connections cut off because the peer did not take what was written to it
  std::uint64_t late = 0;        // connections ended because a request or message did not come in time
  std::uint64_t opened = 0;      // WebSocket connections
  std::uint64_t requests = 0;    // web requests given to the sink
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;     // bytes given to the socket or kept in its backlog
  std::uint64_t frames_in = 0;     // messages given to the sink
  std::uint64_t frames_out = 0;    // frames taken by send()
  std::uint64_t compressions = 0;  // frames that were compressed; one for many clients counts once
  std::uint64_t exceptions = 0;    // thrown by the sink
  // Ended WebSocket connections by close code; 1006 means that there was no close frame.
  std::map<std::uint16_t, std::uint64_t> closes;
};

// A snapshot of one connection, for the operator.
struct ConnectionLook {
  ConnId conn;
  bool websocket = false;  // false: it speaks HTTP
  std::string address;     // ip:port of the peer
  std::int64_t age_ms = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

class WebServer final : public ClientPort {
 public:
  // Listens as soon as it is constructed; connections are accepted when the loop runs. Without options.admission it
  // raises the soft limit of open files to the hard one. `loop` and `sink` must outlive the server. Throws
  // std::runtime_error with the address, the port and the reason if it cannot listen.
  WebServer(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);

  // Cuts off the remaining connections without a call to the sink, and runs the loop until their handles are closed. So
  // it must not be called within a callback of the loop.
  ~WebServer() override;

  // ClientPort (nodes/protocol/ports.hpp). A send() makes one system call, and one more if pongs wait to be sent.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  std::uint16_t port() const;
  void stop_listening();
  // Ends all connections. It closes open ones like close(), answers held handshakes with 503, cuts off connections that
  // have no complete request, and ends the others after their response. When all are gone, connection_count() is 0.
  // This takes close_timeout_ms after the last response, and longer for a client that is slow to read.
  void close_all(const CloseReason& reason);
  // Returns the number of sockets in any state. A socket counts until the sink has been told of its end.
  std::size_t connection_count() const;
  const WebServerCounters& counters() const;
  // Connections have slots, numbered from 0; a slot is used again. look() returns nullopt if the slot is not in use.
  std::size_t slots() const;
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow
