// The clients of one lane: listens, opens WebSocket connections (RFC 6455), hands their messages to a sink and writes
// frames to them; hands web requests (HTTP/1.1, RFC 9112) to the same sink, one at a time of each connection, and
// writes the responses. It runs on its lane's libuv loop; every call, also those to the sink, is on that loop's thread.
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

// Who is told what the clients do. For one WebSocket connection: `connected`, then any number of `frame` and
// `writable`, then `disconnected`, once each the first and the last; held connections have no frames before they are
// accepted. For one web request: `request`, then `disconnected` if the client goes before it is answered. The callee
// may call the server's functions, of any connection. An exception ends the connection it came from.
class ClientSink {
 public:
  virtual ~ClientSink() = default;

  // A connection is open, or held. Its cid is 32 hexadecimal digits.
  virtual void connected(Connected client) = 0;
  // A whole message, text or binary, in valid UTF-8.
  virtual void frame(ConnId conn, std::string text) = 0;
  // A web request: respond() to it.
  virtual void request(WebRequest request) = 0;
  // The socket is gone. Never called from within a call to the server.
  virtual void disconnected(ConnId conn) = 0;
  // A backlog is written: send() takes frames again. Called whenever a send left a backlog or was refused.
  virtual void writable(ConnId conn) = 0;
};

struct WebServerOptions {
  std::string addr;           // an IPv4 or IPv6 literal; empty: all addresses of both
  std::uint16_t port = 8080;  // 0: one of the system's choice
  // False: that the port is in use is an error. True: join those that listen on it, the kernel spreads the connections;
  // for the second lane and those after it.
  bool share_port = false;
  std::string ws_path = "/";                    // for WebSocket connections; empty: there are none
  bool hold_handshakes = false;                 // WebSocket connections wait for accept() or respond()
  std::vector<std::string> allow_origins{"*"};  // of WebSocket connections, as in WebOptions
  bool compression = false;                     // of messages, for WebSocket clients that offer it (RFC 7692)
  LaneId lane = 0;
  // Bytes of a client message, above which the connection is failed with 1009, and of a request's body (413).
  std::size_t max_message_size = 1 << 20;
  // Decides who may connect. It is shared with other servers, and outlives them. Null: there may be max_connections,
  // and at most what the limit of open files allows, which holds for 0.
  Admission* admission = nullptr;
  std::size_t max_connections = 0;
  // Proxies that are believed what they say of their clients: in HTTP headers, and with proxy_protocol in the header of
  // that protocol, which then they must send.
  std::vector<IpNetwork> trusted_proxies;
  bool proxy_protocol = false;
  // What is refused before the sink sees it has CORS headers, so that pages can read it.
  bool cors = false;
  bool cors_credentials = false;
  std::uint64_t request_timeout_ms = 10'000;  // for a request to come in (408), and for each 16 KB of its body; the
                                              // first one's is also for the TLS handshake
  std::uint64_t idle_timeout_ms = 75'000;     // between two requests
  std::uint64_t message_timeout_ms = 30'000;  // for a WebSocket message that has begun, and for each 16 KB of it (1008)
  // In each such time the peer must acknowledge 16 KB, or all that waits, while what was written is not out; else the
  // connection is cut off. What the connection waits for besides, such as its end, begins behind that.
  std::uint64_t write_timeout_ms = 30'000;
  std::uint64_t close_timeout_ms = 2'000;  // for the peer to answer a close; then it is cut off
  // Bytes of all messages and requests that are not whole. Beyond it, connections that add to them wait until there is
  // room, but for one at a time.
  std::size_t max_held_bytes = 32 << 20;
  ServerTls* tls = nullptr;         // null: plain text; else it outlives the server
  LogPort* log = nullptr;           // null: nobody is told; else it outlives the server
  unsigned keepalive_seconds = 60;  // a silent peer is probed by TCP after this time; 0: never
  // Gets the warnings and errors of libwebsockets, a line at a time; null: nobody does. Of the servers of a process the
  // first one's is used, from the threads of all.
  void (*lws_log)(int level, const char* line) = nullptr;
};

struct WebServerCounters {
  std::uint64_t accepted = 0;  // TCP connections
  std::uint64_t rejected = 0;  // of those that came, closed at once: too many
  // Connections over the limits of an address, and those of trusted proxies without a PROXY header. In a dry run the
  // first two are counted only.
  std::uint64_t too_many_of_address = 0;
  std::uint64_t too_fast_of_address = 0;
  std::uint64_t without_proxy_header = 0;
  std::uint64_t tls_failed = 0;  // connections on which TLS was not agreed on: not TLS, no common version, given up
  std::uint64_t slow = 0;        // connections cut off because the peer did not take what was written to it
  std::uint64_t late = 0;        // connections ended because a request or message that had begun did not come in time
  std::uint64_t opened = 0;      // WebSocket connections
  std::uint64_t requests = 0;    // web requests given to the sink
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;                    // handed to the socket or its backlog
  std::uint64_t frames_in = 0;                    // messages given to the sink
  std::uint64_t frames_out = 0;                   // frames taken by send()
  std::uint64_t compressions = 0;                 // frames that were compressed, once for all who get them
  std::uint64_t exceptions = 0;                   // thrown by the sink
  std::map<std::uint16_t, std::uint64_t> closes;  // ended WebSocket connections by code; 1006: without a close frame
};

// A connection as the server knows it, for whoever looks.
struct ConnectionLook {
  ConnId conn;
  bool websocket = false;  // else it speaks HTTP
  std::string address;     // ip:port of the peer
  std::int64_t age_ms = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

class WebServer final : public ClientPort {
 public:
  // Listens when it returns; connections are taken when the loop runs. The soft limit of open files is raised to the
  // hard one. `loop` and `sink` outlive the server. Throws std::runtime_error, which names address, port and reason if
  // it cannot listen.
  WebServer(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);

  // Cuts off whoever is left, without a call to the sink, and turns the loop until its handles are closed: not from
  // within a callback of the loop.
  ~WebServer() override;

  // ClientPort. Between two turns of the loop send() costs one system call.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  std::uint16_t port() const;
  void stop_listening();
  // Closes every open connection as close() does, does not open those that are held (503), cuts off those with no
  // request or half of one, and ends the others with their response. They are gone when connection_count() is 0, which
  // takes close_timeout_ms after the last one.
  void close_all(const CloseReason& reason);
  // Sockets, in whatever state, whose end has not been told yet.
  std::size_t connection_count() const;
  const WebServerCounters& counters() const;
  // Connections have slots, numbered from 0; a slot is used again. None when nobody has it now.
  std::size_t slots() const;
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow
