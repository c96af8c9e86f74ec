// What the web server (web_server.hpp) stores for each connection, and the table of its connections. Only the thread of
// the server's event loop may use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "io/ip_address.hpp"
#include "io/web/http_body.hpp"
#include "io/web/http_head.hpp"
#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/websocket.hpp"

struct lws;

namespace resflow {

// The states of a connection. ClientSink is the interface to the gateway's code that answers requests and receives
// messages. A complete HTTP request moves the connection from `requesting` to `answering`. The response moves it back
// to `requesting`, or on to `lingering` if the server takes no further request. A WebSocket handshake moves the
// connection from `requesting` to `opening`. From there it goes to `open`, or to `lingering` if the ClientSink refuses
// the handshake. From any state except `free`, a connection can become `gone`.
enum class ConnectionState : std::uint8_t {
  free,        // no connection uses this slot of the ConnectionTable
  requesting,  // the server waits for an HTTP request, or for the rest of it
  answering,   // a web request is complete; the ClientSink (the code that answers it) has not responded yet
  opening,     // a WebSocket handshake has come; the ClientSink must accept or refuse the connection
  open,        // an open WebSocket connection: frames go both ways
  close_sent,  // we have sent a close frame, and wait for the peer's close frame (RFC 6455, section 7.1.2)
  draining,    // both sides have sent a close frame; the server writes its remaining output, then closes the socket
  // The server writes its backlog (output that the socket did not take at once) and nothing more. It discards what the
  // peer sends, and waits until the peer ends its side of the stream. If the server closed the socket earlier, the peer
  // could get a TCP reset, which can destroy our last bytes on their way (RFC 9112, section 9.6).
  lingering,
  gone,  // the socket is closed, but the ClientSink (the code that uses the server) does not know this yet
};

// The reasons why the server pauses reading from a connection. Several can apply at the same time.
enum class Pause : std::uint8_t {
  backlog = 1,  // earlier output is not written yet
  // The ClientSink (the code that answers requests) has not answered the web request yet. Until the answer, the server
  // does not notice if the client ends its side of the stream. That is intended: such a client may still wait for the
  // answer.
  answer = 2,
  requests = 4,    // too many bytes have come after a web request or handshake that is not answered yet
  sink = 8,        // the ClientSink (the code that uses this server) has called WebServer::pause()
  room = 16,       // the unfinished messages and requests of all clients together exceed max_held_bytes
  inflating = 32,  // received messages wait to be decompressed in the next loop iteration (inflation_budget.hpp)
};

class DeadlineQueue;

// The data of a connection that speaks HTTP. A WebSocket connection has an HttpExchange only while received bytes wait
// to be parsed, and uses only its member `bytes`.
struct HttpExchange {
  std::string bytes;     // received bytes that are not parsed yet: of the current request and of later requests
  std::size_t seen = 0;  // how many of the `bytes` were already searched for the end of the request head
  IpAddress address;     // the client's address: from the PROXY protocol header, or without one, that of the peer
  std::uint16_t port = 0;
  HttpRequestHead head;                  // head of the current request, once the head is complete
  std::unique_ptr<HttpBodyReader> body;  // reads the body of the current request; null: no body is being read
  std::string accept;      // Sec-WebSocket-Accept for the answer to the handshake; used in the state `opening`
  std::string extensions;  // Sec-WebSocket-Extensions for the answer to the handshake; empty: no such header
};

struct Connection {
  lws* wsi = nullptr;  // the socket in libwebsockets; null in the states `gone` and `free`
  std::unique_ptr<HttpExchange> http;
  WebSocketDecoder decoder{0};
  DeadlineQueue* queue = nullptr;  // which queue of class Deadlines contains the connection; null: it has no deadline
  std::uint64_t deadline = 0;      // loop time in ms at which the deadline comes; valid while `queue` is not null
  std::uint64_t since = 0;         // when the connection began, loop time in ms
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  // How many bytes the peer must have acknowledged at the write deadline, counted from the beginning of the connection.
  // Valid only while the connection has a write deadline.
  std::uint64_t goal = 0;
  std::uint32_t held = 0;           // bytes of unfinished messages or requests that HeldInput counts for the connection
  std::uint32_t held_at_start = 0;  // value of `held` when the current deadline was set
  // `queue` is a linked list; these are the neighbors of the connection in it. Null: there is no neighbor.
  Connection* previous = nullptr;
  Connection* next = nullptr;
  std::uint32_t account = 0;  // number of the account in AddressLimits that counts the connection; valid if `counted`
  std::uint32_t slot = 0;
  std::uint32_t generation = 1;
  ConnectionState state = ConnectionState::free;
  // How many checks in a row found that the peer has acknowledged fewer bytes than `goal`, the number that the write
  // deadline demands.
  std::uint8_t checks = 0;
  std::uint8_t paused = 0;    // why the server does not read from the connection: a set of Pause values
  bool counted = false;       // true: AddressLimits counts the connection for its IP address; `account` is then valid
  bool writable_due = false;  // the server must call ClientSink::writable when all waiting output is written
  // True: the ClientSink knows the connection, so the server must tell it when the connection ends.
  bool announced : 1 = false;
  bool will_be_cut : 1 = false;   // the server closes the socket in the next iteration of the event loop
  bool too_fast : 1 = false;      // the client's address has made too many new connections, so its request is refused
  bool closes_after : 1 = false;  // the server reads no further request from this connection after the current one
  bool websocket : 1 = false;     // the connection is, or was, an open WebSocket connection
  bool compressed : 1 = false;    // WebSocket messages may be compressed, in both directions
  std::uint16_t close_code = 0;   // code of the close frame (sent or received) that ended the connection; 0: none
};

inline bool is_paused(const Connection& connection, Pause why) {
  return (connection.paused & static_cast<std::uint8_t>(why)) != 0;
}

// Returns true if the connection has a backlog: output that the socket has not taken yet. The connection's socket must
// be open.
bool has_backlog(const Connection& connection);

// The connections of one server. Each connection is stored in a slot, at a place in memory that does not change. When a
// connection has ended, a new connection may use its slot. The id of a connection contains its slot and a number, the
// generation, which is different for the new connection. So the old id does not find the new connection.
class ConnectionTable {
 public:
  explicit ConnectionTable(LaneId lane) : lane_(lane) {}

  // Takes a free slot, and returns the connection in it. The caller must set the state of the connection.
  Connection& acquire();
  // Frees the slot of the connection. The id of the connection is not valid any more.
  void release(Connection& connection);
  // Gives the connection a new id, for example for its next web request. The old id does not find the connection any
  // more.
  void renew(Connection& connection);
  // Returns the connection with that id, or null if it no longer exists.
  Connection* find(ConnId id);
  ConnId id_of(const Connection& connection) const { return {connection.slot, connection.generation, lane_}; }
  std::size_t in_use() const { return in_use_; }
  // Returns the number of slots, free ones included. Slots are numbered from 0.
  std::size_t slots() const { return slots_.size(); }
  Connection& at(std::size_t slot) { return slots_[slot]; }
  const Connection& at(std::size_t slot) const { return slots_[slot]; }

  template <class Visit>
  void for_each(Visit visit) {
    for (Connection& connection : slots_) {
      if (connection.state != ConnectionState::free) visit(connection);
    }
  }

 private:
  LaneId lane_;
  std::deque<Connection> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t in_use_ = 0;
};

}  // namespace resflow
