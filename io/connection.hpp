// What the client server keeps of a connection, and the tables it keeps it in. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "nodes/ids.hpp"
#include "nodes/websocket.hpp"

struct lws;

namespace resflow {

// The life of a connection. Each state may lead to gone, the others only down the list.
enum class ConnectionState : std::uint8_t {
  free,        // the slot is nobody's
  handshake,   // the HTTP request is coming in
  open,        // frames both ways
  close_sent,  // our close frame is on its way, the peer's is awaited (RFC 6455, section 7.1.2)
  draining,    // all is said on both sides; ends when the backlog is written
  lingering,   // all is said on ours; what the peer still sends is thrown away until it ends, lest a reset destroys our
               // last words on their way (RFC 9112, section 9.6)
  gone,        // the socket is closed, its owner not told yet
};

// What is needed only until the connection is open.
struct Handshake {
  std::string bytes;        // of the request so far
  std::string remote_addr;  // ip:port
};

struct Connection {
  lws* wsi = nullptr;  // null when Gone or Free
  std::unique_ptr<Handshake> handshake;
  WebSocketDecoder decoder{0};
  std::uint64_t deadline = 0;  // loop time in ms; of the deadline queue it is in
  Connection* previous = nullptr;
  Connection* next = nullptr;
  std::uint32_t slot = 0;
  std::uint32_t generation = 1;
  ConnectionState state = ConnectionState::free;
  bool announced = false;        // `connected` was called, so `disconnected` is due
  bool doomed = false;           // the socket is to be closed at the next turn
  bool reading_paused = false;   // flow control, while a backlog is being written
  bool writable_due = false;     // `writable` is to be called when the backlog is written
  std::uint16_t close_code = 0;  // of the close frame that ended it, sent or received; 0: none
};

// Connections of one waiting time, the earliest deadline first: as all wait equally long, new ones go to the back and
// every operation is O(1).
class DeadlineQueue {
 public:
  explicit DeadlineQueue(std::uint64_t wait_ms) : wait_ms_(wait_ms) {}

  bool empty() const { return first_ == nullptr; }
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
  // The connection of that id, or null if it is not there any more.
  Connection* find(ConnId id);
  ConnId id_of(const Connection& connection) const { return {connection.slot, connection.generation, lane_}; }
  std::size_t in_use() const { return in_use_; }

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
