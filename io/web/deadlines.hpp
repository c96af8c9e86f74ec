// The deadlines of the connections of one server. A connection has one deadline at most, and its state alone decides
// which one. So whoever changes the state only has to call schedule(). Loop thread only.
//
// | deadline | of a connection                                     | what must happen in time                      |
// | -------- | --------------------------------------------------- | --------------------------------------------- |
// | request  | whose request has begun, or that has sent nothing   | the request is complete                       |
// | idle     | between two requests                                | the next request begins                       |
// | message  | whose WebSocket message has begun                   | the message is complete                       |
// | writing  | with a backlog, or with output not acknowledged yet | the peer acknowledges 16 KiB, or all there is |
// | closing  | that is finished on our side                        | the peer ends its side                        |
// | silent   | that is not read                                    | nothing; it is checked if the peer has gone   |
//
// 16 KiB of progress put the deadlines of requests and messages off.
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

// Connections that all wait for the same length of time, ordered by deadline. A new connection has the latest deadline
// and goes to the end, so every operation is O(1).
class DeadlineQueue {
 public:
  explicit DeadlineQueue(std::uint64_t wait_ms) : wait_ms_(wait_ms) {}

  bool empty() const { return first_ == nullptr; }
  // The connection must not be in a queue.
  void push(Connection& connection, std::uint64_t now_ms);
  void remove(Connection& connection);
  // Removes and returns the first connection whose deadline has come. Returns null if there is none.
  Connection* pop_due(std::uint64_t now_ms);

 private:
  std::uint64_t wait_ms_;
  Connection* first_ = nullptr;
  Connection* last_ = nullptr;
};

// What is wrong with a connection whose deadline has come.
enum class Late : std::uint8_t {
  request,      // its request did not come in time
  message,      // its message did not come in time
  not_reading,  // the peer does not acknowledge what it is sent
  peer,         // the peer does not end its side, begins no further request, or has gone
};

class Deadlines {
 public:
  // Calls `tick` four times a second while a connection has a deadline. `tick` must call pop() until it returns
  // nullopt.
  Deadlines(uv_loop_t* loop, const WebServerOptions& options, std::function<void()> tick);

  // Gives the connection the deadline that its state asks for. Does nothing if it has that deadline already.
  void schedule(Connection& connection);
  // Takes the connection's deadline away.
  void stop(Connection& connection);
  // Must be called after the count of the bytes that are kept for the connection has changed. Puts off the deadline of
  // a request or message that has made progress.
  void progressed(Connection& connection);
  // Must be called when a message is complete. The next one has a deadline of its own.
  void message_is_complete(Connection& connection);

  struct Overdue {
    Connection* connection;
    Late late;
  };
  // Returns a connection that must end because of its deadline, which it has no longer. Returns nullopt if there is
  // none.
  std::optional<Overdue> pop();

  // Ends the ticks. The loop then has no handle of this object any more.
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
  std::array<DeadlineQueue, kQueues> queues_;  // by Queue
  UvHandle<uv_timer_t> timer_;                 // runs while a queue is not empty
};

}  // namespace resflow
