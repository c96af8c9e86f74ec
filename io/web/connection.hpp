// What the web server (web_server.hpp) keeps of each connection, and the tables in which it keeps connections. Loop
// thread only.
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

// The states of a connection. HTTP requests take it from `requesting` to `answering` and back. Any state can be
// followed by `gone`.
enum class ConnectionState : std::uint8_t {
  free,        // the slot is not used
  requesting,  // an HTTP request is awaited, or is coming in
  answering,   // the sink has a web request, and its response is awaited
  opening,     // the sink has a WebSocket handshake, which it accepts or answers with a response
  open,        // WebSocket frames go both ways
  close_sent,  // our close frame was sent, the peer's is awaited (RFC 6455, section 7.1.2)
  draining,    // both sides are finished; the socket is closed when the backlog is written
  // Our side is finished; what the peer sends is discarded until it ends its side. Closing earlier could cause a reset
  // that destroys our last bytes on their way (RFC 9112, section 9.6).
  lingering,
  gone,  // the socket is closed, and the sink has not been told yet
};

// Reasons not to read from a connection. Several can apply at the same time.
enum class Pause : std::uint8_t {
  backlog = 1,  // earlier output is not written yet
  // A web request is being answered. The end of the client's stream is noticed only after the answer, because a client
  // may end its side and still wait for the answer.
  answer = 2,
  requests = 4,    // too many bytes came behind a request or handshake that waits for the sink
  pipeline = 8,    // the sink has called pause()
  room = 16,       // unfinished messages of all clients take all the room there is
  inflating = 32,  // compressed messages wait until the lane has taken a turn
};

class DeadlineQueue;

// What a connection needs only while it speaks HTTP. An open connection uses `bytes` while received bytes have to wait.
struct HttpExchange {
  std::string bytes;     // received bytes that are not used yet: of this request, or of what follows it
  std::size_t seen = 0;  // how many of `bytes` were searched for the end of the head in vain
  IpAddress address;     // address of the peer, or of the client that a PROXY header names
  std::uint16_t port = 0;
  HttpRequestHead head;                  // head of the current request, when it is complete
  std::unique_ptr<HttpBodyReader> body;  // null unless the request's body is coming in
  std::string accept;                    // Sec-WebSocket-Accept for the answer, in the state `opening`
  std::string extensions;                // Sec-WebSocket-Extensions for the answer; empty: there are none
};

struct Connection {
  lws* wsi = nullptr;  // null in the states `gone` and `free`
  std::unique_ptr<HttpExchange> http;
  WebSocketDecoder decoder{0};
  DeadlineQueue* queue = nullptr;  // the queue that the connection is in, or null
  std::uint64_t deadline = 0;      // loop time in ms, while it is in a queue
  std::uint64_t since = 0;         // when the connection began, loop time in ms
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t goal = 0;           // with a backlog: how many bytes the peer must have acknowledged by the deadline
  std::uint32_t held = 0;           // bytes kept of unfinished messages or requests; a part of the lane's total
  std::uint32_t held_at_start = 0;  // value of `held` when the deadline was last put off
  // Neighbors in the queue.
  Connection* previous = nullptr;
  Connection* next = nullptr;
  std::uint32_t account = 0;  // account that the connection is counted in, if `counted`
  std::uint32_t slot = 0;
  std::uint32_t generation = 1;
  ConnectionState state = ConnectionState::free;
  std::uint8_t checks = 0;        // how often the backlog was looked at since its last progress
  std::uint8_t paused = 0;        // reasons not to read from it, a set of Pause values
  bool counted = false;           // it is counted for its address
  bool writable_due = false;      // `writable` must be called when the backlog is written
  bool announced : 1 = false;     // the sink was told of it, so `disconnected` must follow
  bool doomed : 1 = false;        // the socket will be closed in the next iteration of the loop
  bool too_fast : 1 = false;      // its address makes too many new connections; it only gets an error response
  bool closes_after : 1 = false;  // no further request is taken after this one
  bool websocket : 1 = false;     // it is, or was, an open WebSocket connection
  bool compressed : 1 = false;    // messages may be compressed, in both directions
  std::uint16_t close_code = 0;   // code of the close frame that ended the connection, sent or received; 0: none
};

inline bool is_paused(const Connection& connection, Pause why) {
  return (connection.paused & static_cast<std::uint8_t>(why)) != 0;
}

// Returns true if earlier output is not written yet. The connection's socket must be open.
bool has_backlog(const Connection& connection);

// The connections of one server, in slots with stable addresses. A released slot is used again, with another
// generation.
class ConnectionTable {
 public:
  explicit ConnectionTable(LaneId lane) : lane_(lane) {}

  Connection& acquire();
  void release(Connection& connection);
  // Gives the connection a new id, for example for its next web request.
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
