// The web server of one lane (one of the gateway's threads). It listens on a TCP port, opens WebSocket connections (RFC
// 6455), and accepts web requests (HTTP/1.1, RFC 9112), one at a time per connection. It passes messages and requests
// to the gateway through the interface ClientSink (the sink), and writes frames and responses to the clients. It runs
// on the libuv loop of its lane. All calls to the server, and all calls from the server to the sink, are on the thread
// of this loop.
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

// The interface through which the server passes connections, messages and requests of clients to the gateway. LaneLoop
// (tools/gateway/lane_loop.hpp) implements it. The server makes these calls:
//
// - for a WebSocket connection: `connected` first, then `frame` and `writable` any number of times, then
//   `disconnected`;
// - for a WebSocket handshake that the sink has to accept or refuse (ClientKind::held): `connected`. If the sink calls
//   accept(), the other calls follow as above. If it calls respond(), no further call follows. If the client goes
//   before the sink decides, `disconnected` follows;
// - for a web request: `request`, and then `disconnected` if the client goes before the sink has answered.
//
// Within these calls, the sink may call the server's functions for any connection. If the sink throws an exception, the
// server ends the connection that the call was about.
class ClientSink {
 public:
  virtual ~ClientSink() = default;

  // Tells the sink of a new WebSocket connection. Normally the connection is open. If client.kind is ClientKind::held,
  // the handshake waits until the sink calls accept() or respond(). The client's cid (the connection id of the RES
  // protocol) is 32 hexadecimal digits.
  virtual void connected(Connected client) = 0;
  // Passes a complete message, text or binary, to the sink. The content is valid UTF-8, even in a binary message.
  virtual void frame(ConnId conn, std::string text) = 0;
  // Passes a web request to the sink. The sink must answer the request with respond().
  virtual void request(WebRequest request) = 0;
  // Tells the sink that the socket of the connection is closed. The server makes this call from its event loop, never
  // within send(), close() or another function that the sink has called.
  virtual void disconnected(ConnId conn) = 0;
  // Tells the sink that send() takes frames for this WebSocket connection again, because its socket has taken all
  // earlier output (the backlog).
  virtual void writable(ConnId conn) = 0;
};

struct WebServerOptions {
  std::string addr;           // an IPv4 or IPv6 literal; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 8080;  // 0: the system chooses a free port
  // False: a port that is in use is an error. True: the server may listen on the same port as other sockets, and the
  // kernel spreads new connections over all of them. It is false for the first lane: this lane fails if another program
  // uses the port, and lets other sockets share the port once it has it. It is true for the other lanes.
  bool share_port = false;
  std::string ws_path = "/";     // URL path of WebSocket connections; empty: the server opens none
  bool hold_handshakes = false;  // true: a WebSocket handshake waits until the gateway calls accept() or respond()
  // Web pages of these origins may open WebSocket connections. If `cors` is true, they may also read the error
  // responses that the server itself makes; the gateway adds CORS headers to all other responses. The list is either
  // "*" alone (all origins), or a sorted list of origins in lower case.
  std::vector<std::string> allow_origins{"*"};
  bool compression = false;  // compress messages if the client has offered compression (RFC 7692)
  LaneId lane = 0;
  // The most bytes of a WebSocket message; a longer message ends the connection with close code 1009. Also the most
  // bytes of a request's body; a request with a longer body gets status 413.
  std::size_t max_message_size = 1 << 20;
  // Decides which clients may connect. The servers of all lanes share this object, and it must outlive all of them.
  // Null: the server has its own limit, max_connections.
  Admission* admission = nullptr;
  std::size_t max_connections = 0;  // used if `admission` is null; 0: no limit except that of open files
  // The server believes what these proxies say about the address of a client: in HTTP headers and, if `proxy_protocol`
  // is true, in the header of the PROXY protocol.
  std::vector<IpNetwork> trusted_proxies;
  bool proxy_protocol = false;  // true: the trusted proxies must send the header of the PROXY protocol
  // True: when the server itself refuses a web request, it adds CORS headers to the error response, so that web pages
  // of other origins can read it.
  bool cors = false;
  bool cors_credentials = false;  // with `cors`: the CORS headers allow requests with credentials
  // How long the client may take for each 16 KiB of a request, or for the whole request if it is smaller. After this
  // time, the client gets status 408; if nothing of the request has come, the connection is cut off without a response.
  // For the first request of a connection, the time includes the TLS handshake.
  std::uint64_t request_timeout_ms = 10'000;
  std::uint64_t idle_timeout_ms = 75'000;  // how long a connection may be idle between two requests; then it is cut off
  // How long the client may take for each 16 KiB of a WebSocket message, or for the whole message if it is smaller.
  // After this time, the connection ends with close code 1008.
  std::uint64_t message_timeout_ms = 30'000;
  // Limits how slowly a client may read. A backlog is output that waits because the client reads slowly. While there is
  // one, the client's TCP must acknowledge 16 KiB in each period of this length, or the whole backlog if it is smaller.
  // Otherwise the server cuts the connection off. The other time limits do not run while there is a backlog.
  std::uint64_t write_timeout_ms = 30'000;
  // When the server has sent its last bytes (a close frame or a response), it waits this long for the client's close
  // frame, or for the end of the client's TCP stream. Then it closes the socket.
  std::uint64_t close_timeout_ms = 2'000;
  // The most bytes of unfinished messages and requests that the server keeps, for all its connections together. Above
  // this limit, the server stops reading from connections that send more of such a message or request. It still reads
  // from one of them at a time, so that this one can finish. When it keeps fewer bytes than the limit, it reads from
  // all of them again.
  std::size_t max_held_bytes = 32 << 20;
  ServerTls* tls = nullptr;         // null: plain text; otherwise it must outlive the server
  LogPort* log = nullptr;           // null: nothing is logged; otherwise it must outlive the server
  unsigned keepalive_seconds = 60;  // the kernel probes a silent peer after this time (TCP keepalive); 0: never
  // This function gets the warnings and errors of libwebsockets, one line at a time. Null: they are dropped. A process
  // has only one such function: that of its first server. All servers of the process call it, each on its own thread.
  void (*lws_log)(int level, const char* line) = nullptr;
};

struct WebServerCounters {
  // Accepted TCP connections: those within the limit for all clients together. In a dry run (limits are counted but not
  // enforced), also those above it.
  std::uint64_t accepted = 0;
  // TCP connections above the limit for all clients together, and those that libwebsockets failed to take over. The
  // server closes them at once. In a dry run (limits are counted but not enforced), those above the limit stay open.
  std::uint64_t rejected = 0;
  // Connections above a limit per IP address. too_many_of_address: too many connections of the address at the same
  // time. too_fast_of_address: too many new connections of the address in a second. In a dry run, such connections are
  // counted, but not refused.
  std::uint64_t too_many_of_address = 0;
  std::uint64_t too_fast_of_address = 0;
  // Connections of trusted proxies that sent no PROXY header.
  std::uint64_t without_proxy_header = 0;
  std::uint64_t tls_failed = 0;  // connections whose TLS handshake failed, or whose client gave it up
  std::uint64_t slow = 0;        // connections that were cut off because the client read too slowly
  std::uint64_t late = 0;        // connections that were ended because a request or message came too slowly
  std::uint64_t opened = 0;      // WebSocket connections that were opened
  std::uint64_t requests = 0;    // web requests that the server has passed to the gateway
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;     // bytes to clients: written to sockets, or still waiting to be written
  std::uint64_t frames_in = 0;     // WebSocket messages that the server has passed to the gateway
  std::uint64_t frames_out = 0;    // WebSocket frames that send() has taken for sending
  std::uint64_t compressions = 0;  // frames that were compressed; a frame for many clients counts once
  // Exceptions that the gateway threw when the server called it, or that the server itself threw while it processed
  // bytes of a client.
  std::uint64_t exceptions = 0;
  // How many WebSocket connections have ended, by close code (the key). Code 1006 counts those without a close frame.
  std::map<std::uint16_t, std::uint64_t> closes;
};

// What the operator can see of one connection: a snapshot.
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
  // Starts to listen. The server accepts connections while `loop` runs. If options.admission is null, the server limits
  // the number of connections itself; for this, it first raises the process's soft limit of open files to the hard
  // limit. `loop` and `sink` must outlive the server. If the server cannot listen, throws std::runtime_error with the
  // address, the port and the reason.
  WebServer(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);

  // Cuts off the remaining connections without telling the gateway, and runs the loop until their libuv handles are
  // closed. Because the destructor runs the loop, a callback of the loop must not destroy the server.
  ~WebServer() override;

  // The functions of the interface ClientPort, documented in nodes/protocol/ports.hpp. send() makes one system call, or
  // two if pongs (answers to WebSocket pings) wait to be written on the same connection.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  std::uint16_t port() const;
  void stop_listening();
  // Ends all connections. Closes open WebSocket connections like close(), and refuses waiting WebSocket handshakes with
  // status 503. A connection with a web request ends when the gateway has answered the request. All other connections
  // are cut off, but only after earlier responses are written. connection_count() returns 0 when all connections are
  // gone. This takes up to close_timeout_ms after the last response, or longer if a client is slow to read.
  void close_all(const CloseReason& reason);
  // Returns the number of connections, including new sockets that wait in the lobby (lobby.hpp) for their first bytes.
  // A connection counts until the sink is told of its end, one iteration of the loop after its socket was closed.
  std::size_t connection_count() const;
  const WebServerCounters& counters() const;
  // Returns the number of slots, used and free. Each connection has a slot. When it has ended, a new connection may get
  // the same slot.
  std::size_t slots() const;
  // Returns the connection in a slot, or nullopt if the slot is free. The first slot is 0.
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow
