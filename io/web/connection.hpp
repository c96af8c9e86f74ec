// What the client server keeps of a connection, and the tables it keeps it in. Loop thread only.
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

// The life of a connection. HTTP requests go from requesting to answering and back; each state may lead to gone.
enum class ConnectionState : std::uint8_t {
  free,        // the slot is nobody's
  requesting,  // an HTTP request is awaited, or coming in
  answering,   // a web request is with the sink, its response is awaited
  opening,     // a WebSocket connection is with the sink, which accepts or answers it
  open,        // frames both ways
  close_sent,  // our close frame is on its way, the peer's is awaited (RFC 6455, section 7.1.2)
  draining,    // all is said on both sides; ends when the backlog is written
  lingering,   // all is said on ours; what the peer still sends is thrown away until it ends, lest a reset destroys our
               // last words on their way (RFC 9112, section 9.6)
  gone,        // the socket is closed, its owner not told yet
};

// Why a connection is not read from. Several may hold at the same time.
enum class Pause : std::uint8_t {
  backlog = 1,   // what was written to it is not out yet
  answer = 2,    // a web request is being answered. So an end of the client's stream is seen behind the answer only: a
                 // client may end its side and wait for the answer
  requests = 4,  // too much came behind a handshake that waits
  pipeline = 8,  // the sink wants it so
  room = 16,     // begun messages of all clients take all the room there is
  inflating = 32,  // compressed messages wait for the next turn
};

class DeadlineQueue;

// What is needed only while the connection speaks HTTP.
struct HttpExchange {
  std::string bytes;     // that came and are not used yet: of this request, or of those behind it
  std::size_t seen = 0;  // of them, searched for the end of the head without finding it
  IpAddress address;     // of the peer, or of whom a PROXY header tells
  std::uint16_t port = 0;
  HttpRequestHead head;                  // of the request, once it is here
  std::unique_ptr<HttpBodyReader> body;  // while the request's body is coming in
  std::string accept;                    // Sec-WebSocket-Accept, while opening
  std::string extensions;                // Sec-WebSocket-Extensions, if any is agreed on
};

struct Connection {
  lws* wsi = nullptr;  // null when gone or free
  std::unique_ptr<HttpExchange> http;
  WebSocketDecoder decoder{0};
  DeadlineQueue* queue = nullptr;  // that it is in
  std::uint64_t deadline = 0;      // loop time in ms
  std::uint64_t since = 0;         // when it came, in loop time in ms
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t goal = 0;     // bytes that the peer must have acknowledged by the deadline, while there is a backlog
  std::uint32_t held = 0;     // bytes of a message or request that is not whole, as they are counted for the lane
  std::uint8_t looks = 0;     // at the backlog since it has got on
  std::uint32_t in_time = 0;  // of them, those that had come when the deadline was last put off
  Connection* previous = nullptr;
  Connection* next = nullptr;
  std::uint32_t ticket = 0;  // of the address that it is counted for, if it is
  std::uint32_t slot = 0;
  std::uint32_t generation = 1;
  ConnectionState state = ConnectionState::free;
  bool announced = false;        // the sink was told of it, so `disconnected` is due
  bool doomed = false;           // the socket is to be closed at the next turn
  std::uint8_t paused = 0;       // reasons not to read from it, see Pause
  bool counted = false;          // for an address
  bool too_fast = false;         // its address has had too many new ones: it gets an answer, and no more
  bool closes_after = false;     // no request is taken after this one
  bool websocket = false;        // it is, or was, open
  bool compressed = false;       // messages may be compressed, both ways
  bool writable_due = false;     // `writable` is to be called when the backlog is written
  std::uint16_t close_code = 0;  // of the close frame that ended it, sent or received; 0: none
};

inline bool is_paused(const Connection& connection, Pause why) {
  return (connection.paused & static_cast<std::uint8_t>(why)) != 0;
}

// Connections of one waiting time, the earliest deadline first: as all wait equally long, new ones go to the back and
// every operation is O(1).
class DeadlineQueue {
 public:
  explicit DeadlineQueue(std::uint64_t wait_ms) : wait_ms_(wait_ms) {}

  bool empty() const { return first_ == nullptr; }
  // The connection may be in no other queue.
  void push(Connection& connection, std::uint64_t now_ms);
  void remove(Connection& connection);
  // The first connection whose deadline has come, taken out; else null.
  Connection* pop_due(std::uint64_t now_ms);

 private:
  std::uint64_t wait_ms_;
  Connection* first_ = nullptr;
  Connection* last_ = nullptr;
};

// Slots with stable addresses. A released slot is used again, with another generation.
class ConnectionTable {
 public:
  explicit ConnectionTable(LaneId lane) : lane_(lane) {}

  Connection& acquire();
  void release(Connection& connection);
  // A new id for the same connection.
  void renew(Connection& connection);
  // The connection of that id, or null if it is not there any more.
  Connection* find(ConnId id);
  ConnId id_of(const Connection& connection) const { return {connection.slot, connection.generation, lane_}; }
  std::size_t in_use() const { return in_use_; }
  // Of connections, free ones too: slots are numbered from 0.
  std::size_t slots() const { return slots_.size(); }
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
