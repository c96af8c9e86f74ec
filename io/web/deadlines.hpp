// The deadlines of the connections of one server. The server ends a connection that misses its deadline. A connection
// has one deadline at most. The state of the connection alone decides which deadline that is, so a caller that has
// changed the state only has to call schedule(). Only the thread of the server's event loop may use this class.
//
// | deadline | of a connection                                     | what must happen in time                      |
// | -------- | --------------------------------------------------- | --------------------------------------------- |
// | request  | whose request has begun, or that has sent nothing   | the request is complete                       |
// | idle     | between two requests                                | the next request begins                       |
// | message  | whose WebSocket message has begun                   | the message is complete                       |
// | writing  | with a backlog, or with output not acknowledged yet | the peer acknowledges 16 KiB, or all there is |
// | closing  | that is finished on our side                        | the peer ends its side                        |
// | unread   | from which the server does not read                 | the peer has not gone (checked once a second) |
//
// A backlog is output that the socket has not taken yet. When 16 KiB more of a request or message have come, its time
// limit starts anew. If the server does not read because it keeps too many received bytes (Pause::room), the deadline
// is not `unread`: the deadline of the request or message still applies.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "io/uv_handle.hpp"
#include "io/web/connection.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

// A queue of connections that all have the same time limit, sorted by deadline. A new connection in the queue always
// has the latest deadline, so push() adds it at the end, and every operation is O(1).
class DeadlineQueue {
 public:
  explicit DeadlineQueue(std::uint64_t wait_ms) : wait_ms_(wait_ms) {}

  bool empty() const { return first_ == nullptr; }
  // Adds the connection, which must not be in a queue.
  void push(Connection& connection, std::uint64_t now_ms);
  void remove(Connection& connection);
  // Removes and returns the first connection, if its deadline has come. Returns null if no deadline has come.
  Connection* pop_due(std::uint64_t now_ms);

 private:
  std::uint64_t wait_ms_;
  Connection* first_ = nullptr;
  Connection* last_ = nullptr;
};

// What is wrong with a connection whose deadline has come.
enum class Late : std::uint8_t {
  request,      // the request was not complete in time
  message,      // the message was not complete in time
  not_reading,  // the peer does not acknowledge the bytes that the server has sent
  // The peer sent no further request in time (deadline `idle`), or did not end its side of the connection in time
  // (`closing`), or a check (`unread`) found that the peer has gone.
  peer,
};

class Deadlines {
 public:
  // While any connection has a deadline, calls `tick` four times a second. `tick` must call pop() until pop() returns
  // nullopt, to find all connections that have missed their deadline.
  Deadlines(uv_loop_t* loop, const WebServerOptions& options, std::function<void()> tick);

  // Gives the connection the deadline for its present state (see the table at the top of this file), or no deadline if
  // its state has none. Does nothing if the connection has the right deadline already.
  void schedule(Connection& connection);
  // Removes the deadline of the connection, if it has one.
  void stop(Connection& connection);
  // If 16 KiB of a request or message have come since its time limit last started, starts the time limit anew. Then, in
  // any case, does what schedule() does. HeldInput calls this each time after it has counted the received bytes that
  // are kept for the connection.
  void progressed(Connection& connection);
  // Removes the deadline of a message. MessageReader calls this when the message is complete; the next message gets a
  // deadline of its own.
  void message_is_complete(Connection& connection);

  struct Overdue {
    Connection* connection;
    Late late;
  };
  // Returns a connection that has missed its deadline, and removes this deadline. The caller must end the connection.
  // Returns nullopt if no connection has missed its deadline.
  std::optional<Overdue> pop();

  // Stops and closes the timer, so that `tick` is not called any more.
  void end() { timer_.reset(); }

 private:
  enum class Queue : std::uint8_t { request, idle, message, writing, closing, unread };
  static constexpr std::size_t kQueues = 6;

  DeadlineQueue& queue(Queue which) { return queues_[static_cast<std::size_t>(which)]; }
  DeadlineQueue* deadline_of(const Connection& connection);
  void start(DeadlineQueue& queue, Connection& connection);
  std::optional<Late> judge(Queue which, Connection& connection);
  std::optional<Late> judge_writing(Connection& connection);
  std::optional<Late> judge_end_of_wait(Connection& connection);
  bool anybody_waits() const;

  uv_loop_t* loop_;
  std::function<void()> tick_;
  std::array<DeadlineQueue, kQueues> queues_;  // one for each value of Queue
  UvHandle<uv_timer_t> timer_;                 // runs while a queue is not empty
};

}  // namespace resflow
