// The web server of one lane (one of the gateway's threads). It listens on a TCP port, opens WebSocket connections (RFC
// 6455), passes their messages to a sink (ClientSink), and writes frames to them. It also passes web requests
// (HTTP/1.1, RFC 9112) to the same sink, one at a time per connection, and writes the responses. It runs on the libuv
// loop of its lane. All calls to the server and all calls to the sink are on the thread of this loop.
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

// Receives the connections, messages and requests of clients. LaneLoop (tools/gateway/lane_loop.hpp) implements this
// interface and passes them to its lane. The server makes these calls:
//
// - for a WebSocket connection: `connected` first, then `frame` and `writable` any number of times, then
//   `disconnected`;
// - for a WebSocket handshake that waits for the sink's answer (ClientKind::held): `connected`, and then `disconnected`
//   if the client goes before the sink has answered. After accept() the calls are those of any WebSocket connection.
//   After respond() there are no further calls;
// - for a web request: `request`, and then `disconnected` if the client goes before the sink has answered.
//
// Within these calls, the sink may call the server's functions for any connection. If the sink throws an exception, the
// server ends the connection that the call was for.
class ClientSink {
 public:
  virtual ~ClientSink() = default;

  // Tells the sink of a new WebSocket connection. The connection is open, or (ClientKind::held) waits until the sink
  // calls accept() or respond(). Its cid (the connection id of the RES protocol) is 32 hexadecimal digits.
  virtual void connected(Connected client) = 0;
  // Passes a complete message, text or binary, to the sink. The content is valid UTF-8, even in a binary message.
  virtual void frame(ConnId conn, std::string text) = 0;
  // Passes a web request to the sink. The sink must answer the request with respond().
  virtual void request(WebRequest request) = 0;
  // Tells the sink that the socket of the connection is closed. The server never calls this from within one of its
  // functions that the sink has called.
  virtual void disconnected(ConnId conn) = 0;
  // Tells the sink that the backlog of an open WebSocket connection is written, so that send() takes frames again.
  virtual void writable(ConnId conn) = 0;
};

struct WebServerOptions {
  std::string addr;           // an IPv4 or IPv6 literal; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 8080;  // 0: the system chooses a free port
  // False: a port that is in use is an error. True: join the other sockets that listen on the port; the kernel spreads
  // new connections over all of them. `share_port` is true for all lanes but the first.
  bool share_port = false;
  std::string ws_path = "/";     // URL path of WebSocket connections; empty: the server opens none
  bool hold_handshakes = false;  // true: each WebSocket handshake waits until the sink calls accept() or respond()
  // The web pages of these origins may open WebSocket connections and read error responses. The list is "*" alone, or
  // origins in lower case, sorted (as in WebOptions).
  std::vector<std::string> allow_origins{"*"};
  bool compression = false;  // compress messages if the client has offered compression (RFC 7692)
  LaneId lane = 0;
  // The most bytes of a client's message; a longer message ends the connection with close code 1009. Also the most
  // bytes of the body of a request; a longer body is answered with status 413.
  std::size_t max_message_size = 1 << 20;
  // Decides which clients may connect. The servers of all lanes share this object, and it must outlive all of them.
  // Null: the server has its own limit, max_connections.
  Admission* admission = nullptr;
  std::size_t max_connections = 0;  // most connections if `admission` is null; 0: as many as open files allow
  // The server trusts these proxies when they name their clients: in HTTP headers and, if `proxy_protocol` is true, in
  // the header of the PROXY protocol.
  std::vector<IpNetwork> trusted_proxies;
  bool proxy_protocol = false;  // true: the trusted proxies must send the header of the PROXY protocol
  // Adds CORS headers to the response when the server refuses a web request without asking the sink, so that web pages
  // can read the response.
  bool cors = false;
  bool cors_credentials = false;  // with `cors`: the CORS headers allow requests with credentials
  // How long a request may take to come in. A slower request gets status 408; a connection that has sent nothing is cut
  // off. Each 16 KiB of the request start the time anew. For the first request of a connection, the time includes the
  // TLS handshake.
  std::uint64_t request_timeout_ms = 10'000;
  std::uint64_t idle_timeout_ms = 75'000;  // how long a connection may be idle between two requests; then it is cut off
  // How long a WebSocket message may take from its beginning to its end; a slower message ends the connection with
  // close code 1008. Each 16 KiB of the message start the time anew.
  std::uint64_t message_timeout_ms = 30'000;
  // How long the peer may take to acknowledge 16 KiB of a backlog, or all of a smaller backlog. The server cuts off a
  // connection that is slower. While there is a backlog, no other time limit runs. For example, close_timeout_ms begins
  // when the peer has acknowledged the backlog.
  std::uint64_t write_timeout_ms = 30'000;
  std::uint64_t close_timeout_ms = 2'000;  // a peer that takes longer to answer a close or to end its side is cut off
  // The most bytes that the server keeps of all unfinished messages and requests together. Above this limit, the server
  // stops reading from connections that send more of their message or request, until it keeps fewer bytes. It continues
  // to read from only one such connection at a time.
  std::size_t max_held_bytes = 32 << 20;
  ServerTls* tls = nullptr;         // null: plain text; otherwise it must outlive the server
  LogPort* log = nullptr;           // null: nothing is logged; otherwise it must outlive the server
  unsigned keepalive_seconds = 60;  // the kernel probes a silent peer after this time (TCP keepalive); 0: never
  // Receives the warnings and errors of libwebsockets, one line at a time. Null: they are dropped. In a process with
  // several servers, all of them use the function of the first server, each on its own thread.
  void (*lws_log)(int level, const char* line) = nullptr;
};

struct WebServerCounters {
  std::uint64_t accepted = 0;  // TCP connections that the server has admitted (Admission::take)
  // TCP connections above the limit for all clients together, which the server closes at once except in a dry run. Also
  // TCP connections that libwebsockets failed to take over.
  std::uint64_t rejected = 0;
  // Connections above a limit of their address. too_many_of_address: the address has too many connections at once.
  // too_fast_of_address: the address has made too many new connections in a second. In a dry run the server only counts
  // such connections.
  std::uint64_t too_many_of_address = 0;
  std::uint64_t too_fast_of_address = 0;
  // Connections of trusted proxies that sent no PROXY header.
  std::uint64_t without_proxy_header = 0;
  std::uint64_t tls_failed = 0;  // connections whose TLS handshake failed: not TLS, no common version, client gave up
  std::uint64_t slow = 0;        // connections that the server cut off because of write_timeout_ms
  std::uint64_t late = 0;        // connections that the server ended because a request or message was too slow
  std::uint64_t opened = 0;      // WebSocket connections that were opened
  std::uint64_t requests = 0;    // web requests that the server has passed to the sink
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;     // bytes that were written to sockets, or that wait in backlogs
  std::uint64_t frames_in = 0;     // messages that the server has passed to the sink
  std::uint64_t frames_out = 0;    // frames that send() has accepted
  std::uint64_t compressions = 0;  // frames that were compressed; a frame for many clients counts once
  // Exceptions that the sink has thrown, and exceptions while the server processed the bytes of a client.
  std::uint64_t exceptions = 0;
  // How many WebSocket connections have ended, by close code; 1006 means that there was no close frame.
  std::map<std::uint16_t, std::uint64_t> closes;
};

// A snapshot of one connection, for the operator.
struct ConnectionLook {
  ConnId conn;
  bool websocket = false;  // false: the connection speaks HTTP
  std::string address;     // ip:port of the peer
  std::int64_t age_ms = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

class WebServer final : public ClientPort {
 public:
  // Listens at once; the server accepts connections when the loop runs. Without options.admission, the server raises
  // the soft limit of open files to the hard limit. `loop` and `sink` must outlive the server. Throws
  // std::runtime_error with the address, the port and the reason if the server cannot listen.
  WebServer(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);

  // Cuts off the remaining connections without a call to the sink, and runs the loop until their handles are closed.
  // Because the destructor runs the loop, a callback of the loop must not destroy the server.
  ~WebServer() override;

  // The functions of ClientPort (nodes/protocol/ports.hpp). A send() makes one system call. It makes a second one if
  // pongs (answers to pings) for the same connection have not been written yet.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  std::uint16_t port() const;
  void stop_listening();
  // Ends all connections. Closes open WebSocket connections like close(), and answers handshakes that wait for the sink
  // with status 503. If the sink still has to answer a web request, the server ends that connection after the response.
  // Cuts off a connection that has no complete request; if a previous response is in its backlog, the server first
  // writes the backlog. When all connections are gone, connection_count() is 0. This takes up to close_timeout_ms after
  // the last response, or longer if a client is slow to read.
  void close_all(const CloseReason& reason);
  // Returns the number of sockets, including those that wait in the lobby (lobby.hpp) for their first bytes. Also
  // counts a connection that was closed in this iteration of the loop. In the next iteration, the server tells the sink
  // of its end, and does not count it any more.
  std::size_t connection_count() const;
  const WebServerCounters& counters() const;
  // Returns the number of slots, free ones included. Each connection has a slot; later another connection may use the
  // same slot.
  std::size_t slots() const;
  // Returns the connection in a slot, or nullopt if the slot has no connection. Slots are numbered from 0.
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow
