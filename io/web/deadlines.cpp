#include "io/web/deadlines.hpp"

#include <libwebsockets.h>

#include <algorithm>

#include "io/web/tcp_progress.hpp"

namespace resflow {
namespace {

// How often the timer runs, in milliseconds. So the server may notice a missed deadline this much too late.
constexpr std::uint64_t kTickMilliseconds = 250;
// While the server does not read from a connection, it checks at this interval whether the peer has gone.
constexpr std::uint64_t kUnreadMilliseconds = 1'000;
// When the peer has made this many bytes of progress, its time limit starts anew. Progress means that the server has
// received more of a request or message, or that the peer has acknowledged more of the output.
constexpr std::uint64_t kStep = 16 * 1024;
// How many times within the write time limit the server checks whether the peer acknowledges output. More checks find a
// stopped peer earlier: with only one, this might take twice the limit.
constexpr std::uint8_t kChecks = 4;

// Returns true if the time limit for a request applies: a part of a request has come, or the connection is new and
// nothing has come on it.
bool request_has_begun(const Connection& connection) {
  const HttpExchange& http = *connection.http;
  return connection.bytes_in == 0 || !http.bytes.empty() || http.body != nullptr;
}

TcpProgress progress_of(const Connection& connection) {
  return tcp_progress(lws_get_socket_fd(connection.wsi));
}

}  // namespace

void DeadlineQueue::push(Connection& connection, std::uint64_t now_ms) {
  connection.queue = this;
  connection.deadline = now_ms + wait_ms_;
  connection.previous = last_;
  connection.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &connection;
  last_ = &connection;
}

void DeadlineQueue::remove(Connection& connection) {
  (connection.previous == nullptr ? first_ : connection.previous->next) = connection.next;
  (connection.next == nullptr ? last_ : connection.next->previous) = connection.previous;
  connection.previous = nullptr;
  connection.next = nullptr;
  connection.queue = nullptr;
}

Connection* DeadlineQueue::pop_due(std::uint64_t now_ms) {
  Connection* connection = first_;
  if (connection == nullptr || connection->deadline > now_ms) return nullptr;
  remove(*connection);
  return connection;
}

Deadlines::Deadlines(uv_loop_t* loop, const WebServerOptions& options, std::function<void()> tick)
    : loop_(loop),
      tick_(std::move(tick)),
      queues_{DeadlineQueue(options.request_timeout_ms),
              DeadlineQueue(options.idle_timeout_ms),
              DeadlineQueue(options.message_timeout_ms),
              DeadlineQueue(std::max<std::uint64_t>(options.write_timeout_ms / kChecks, 1)),
              DeadlineQueue(options.close_timeout_ms),
              DeadlineQueue(kUnreadMilliseconds)},
      timer_(make_uv_handle<uv_timer_t>(this, [&](uv_timer_t* handle) { return uv_timer_init(loop, handle); })) {}

DeadlineQueue* Deadlines::deadline_of(const Connection& connection) {
  if (connection.wsi == nullptr || connection.will_be_cut) return nullptr;
  if (has_backlog(connection)) return &queue(Queue::writing);
  switch (connection.state) {
    case ConnectionState::close_sent:
    case ConnectionState::draining:
    case ConnectionState::lingering:
      return &queue(Queue::closing);
    default:
      break;
  }
  // A connection that is paused only for Pause::room (the server keeps too many bytes of unfinished requests and
  // messages) keeps the deadline of its own request or message. When the deadline comes, the server ends the connection
  // and frees its bytes, which makes room for other connections.
  const bool waits = (connection.paused & ~static_cast<unsigned>(Pause::room)) != 0;
  if (waits) return &queue(Queue::unread);
  if (connection.state == ConnectionState::requesting) {
    return &queue(request_has_begun(connection) ? Queue::request : Queue::idle);
  }
  const bool within = connection.state == ConnectionState::open && connection.decoder.within_message();
  return within ? &queue(Queue::message) : nullptr;
}

void Deadlines::schedule(Connection& connection) {
  DeadlineQueue* wanted = deadline_of(connection);
  if (wanted == connection.queue) return;
  // Does not replace the write deadline by the closing deadline yet: libwebsockets has written the backlog, but the
  // peer may not have acknowledged all of it. judge_writing() sets the closing deadline when the peer has acknowledged
  // everything.
  if (wanted == &queue(Queue::closing) && connection.queue == &queue(Queue::writing)) return;
  stop(connection);
  if (wanted != nullptr) start(*wanted, connection);
}

void Deadlines::start(DeadlineQueue& wanted, Connection& connection) {
  if (&wanted == &queue(Queue::writing)) {
    const TcpProgress progress = progress_of(connection);
    connection.goal = progress.acknowledged + std::clamp<std::uint64_t>(progress.waiting, 1, kStep);
    connection.checks = 0;
  }
  connection.held_at_start = connection.held;
  wanted.push(connection, uv_now(loop_));
  if (timer_ == nullptr || uv_is_active(reinterpret_cast<uv_handle_t*>(timer_.get())) != 0) return;
  uv_timer_start(
      timer_.get(), [](uv_timer_t* timer) { static_cast<Deadlines*>(timer->data)->tick_(); }, kTickMilliseconds,
      kTickMilliseconds);
}

void Deadlines::stop(Connection& connection) {
  if (connection.queue != nullptr) connection.queue->remove(connection);
}

void Deadlines::progressed(Connection& connection) {
  const bool begun = connection.queue == &queue(Queue::request) || connection.queue == &queue(Queue::message);
  if (begun && connection.held >= connection.held_at_start + kStep) stop(connection);
  schedule(connection);
}

void Deadlines::message_is_complete(Connection& connection) {
  if (connection.queue == &queue(Queue::message)) stop(connection);
}

std::optional<Deadlines::Overdue> Deadlines::pop() {
  const std::uint64_t now = uv_now(loop_);
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    while (Connection* connection = queues_[i].pop_due(now)) {
      if (const auto late = judge(static_cast<Queue>(i), *connection)) return Overdue{connection, *late};
    }
  }
  if (!anybody_waits()) uv_timer_stop(timer_.get());
  return std::nullopt;
}

// Returns what is wrong with a connection whose deadline has come. If nothing is wrong, gives the connection the
// deadline that fits its present state, and returns nullopt.
std::optional<Late> Deadlines::judge(Queue which, Connection& connection) {
  switch (which) {
    case Queue::writing:
      return judge_writing(connection);
    case Queue::idle:
    case Queue::closing:
      return judge_end_of_wait(connection);
    case Queue::unread:
      // While the server does not read, libwebsockets does not poll the connection. So only this check notices that the
      // peer has gone.
      if (progress_of(connection).gone) return Late::peer;
      break;
    case Queue::request:
    case Queue::message:
      if (deadline_of(connection) == &queue(which)) return which == Queue::request ? Late::request : Late::message;
      break;
  }
  schedule(connection);
  return std::nullopt;
}

std::optional<Late> Deadlines::judge_writing(Connection& connection) {
  const TcpProgress progress = progress_of(connection);
  const bool progressed = progress.acknowledged >= connection.goal;
  if (!progress.gone && !progressed && ++connection.checks < kChecks) {
    queue(Queue::writing).push(connection, uv_now(loop_));
    return std::nullopt;
  }
  if (progress.gone || !progressed) return Late::not_reading;
  if (progress.waiting > 0) {
    start(queue(Queue::writing), connection);
  } else {
    schedule(connection);
  }
  return std::nullopt;
}

// Decides what to do with a connection whose idle or closing deadline has come. Normally the peer is late: returns
// Late::peer. But if the kernel still keeps output that the peer has not acknowledged, gives the connection a write
// deadline instead, and returns nullopt.
std::optional<Late> Deadlines::judge_end_of_wait(Connection& connection) {
  if (progress_of(connection).waiting == 0) return Late::peer;
  start(queue(Queue::writing), connection);
  return std::nullopt;
}

bool Deadlines::anybody_waits() const {
  return std::any_of(queues_.begin(), queues_.end(), [](const DeadlineQueue& queue) { return !queue.empty(); });
}

}  // namespace resflow
