// The part of WebServer that decides when connections are read, and which deadlines they have. Loop thread only.
//
// A connection has one deadline at most, and its state alone decides which one (deadline_of). So code that changes the
// state only has to call schedule().
#include <algorithm>
#include <array>
#include <utility>

#include "io/web/tcp_progress.hpp"
#include "io/web/web_server_impl.hpp"

namespace resflow {
namespace {

// This many bytes of progress put a deadline off: received bytes of a request or message, or acknowledged bytes of a
// backlog.
constexpr std::uint64_t kStep = 16 * 1024;

// Returns how many bytes are kept of an unfinished request or message, and of requests behind one that is being
// answered.
std::size_t held_bytes(const Connection& connection) {
  std::size_t size = connection.decoder.held();
  if (connection.http == nullptr) return size;
  size += connection.http->bytes.size();
  return connection.http->body == nullptr ? size : size + connection.http->body->body().size();
}

bool has_backlog(const Connection& connection) {
  return lws_partial_buffered(connection.wsi) != 0;
}

// The first request of a connection counts as begun before its first byte, so that its time limit applies at once.
bool request_has_begun(const Connection& connection) {
  const HttpExchange& http = *connection.http;
  return connection.bytes_in == 0 || !http.bytes.empty() || http.body != nullptr;
}

}  // namespace

// ---- when a connection is read

void WebServer::Impl::pause(ConnId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed || connection->state != ConnectionState::open) return;
  pause(*connection, Pause::pipeline);
}

void WebServer::Impl::resume(ConnId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->doomed || !is_paused(*connection, Pause::pipeline)) return;
  end_pause(*connection, Pause::pipeline);
  if (connection->http != nullptr) go_on_later(*connection);
}

void WebServer::Impl::pause(Connection& connection, Pause why) {
  if (connection.paused == 0) lws_rx_flow_control(connection.wsi, 0);
  connection.paused = static_cast<std::uint8_t>(connection.paused | static_cast<unsigned>(why));
  schedule(connection);
}

void WebServer::Impl::end_pause(Connection& connection, Pause why) {
  if (!is_paused(connection, why)) return;
  connection.paused = static_cast<std::uint8_t>(connection.paused & ~static_cast<unsigned>(why));
  if (connection.paused == 0 && connection.wsi != nullptr) lws_rx_flow_control(connection.wsi, 1);
  schedule(connection);
}

// Counts the bytes that the connection keeps. Must be called when bytes were taken from it, or when its state has
// changed.
void WebServer::Impl::count_input(Connection& connection) {
  if (connection.wsi == nullptr) return;
  const std::size_t before = connection.held;
  connection.held = static_cast<std::uint32_t>(held_bytes(connection));
  held_ += connection.held;
  held_ -= before;
  const bool may_wait = connection.state == ConnectionState::open || connection.state == ConnectionState::requesting;
  if (may_wait && connection.held > before && held_ > options_.max_held_bytes) await_room(connection);
  if (connection.held < before) share_room();
  const bool begun = connection.queue == &requests_ || connection.queue == &messages_;
  if (begun && connection.held >= connection.in_time + kStep) stop_waiting(connection);
  schedule(connection);
}

// Stops reading a connection until there is room. Waiting connections keep bytes, so if all of them waited, there would
// never be room. Therefore the first of them is read.
void WebServer::Impl::await_room(Connection& connection) {
  const ConnId id = table_.id_of(connection);
  if (id == served_ || is_paused(connection, Pause::room)) return;
  pause(connection, Pause::room);
  starved_.push_back(id);
  share_room();
}

// Lets connections go on that wait for room. If there is no room, only one of them may go on at a time.
void WebServer::Impl::share_room() {
  while (!starved_.empty()) {
    if (held_ > options_.max_held_bytes) {
      const Connection* served = table_.find(served_);
      if (served != nullptr && served->held > 0 && !served->doomed) return;
      served_ = starved_.front();
    }
    Connection* connection = table_.find(starved_.front());
    starved_.pop_front();
    if (connection != nullptr) end_pause(*connection, Pause::room);
  }
}

// ---- deadlines

DeadlineQueue* WebServer::Impl::deadline_of(const Connection& connection) {
  if (connection.wsi == nullptr || connection.doomed) return nullptr;
  if (has_backlog(connection)) return &writing_;
  switch (connection.state) {
    case ConnectionState::close_sent:
    case ConnectionState::draining:
    case ConnectionState::lingering:
      return &closing_;
    default:
      break;
  }
  // A connection that waits for room keeps bytes, which others wait for. So its deadline goes on: it has to finish in
  // time.
  const bool waits = (connection.paused & ~static_cast<unsigned>(Pause::room)) != 0;
  if (waits) return &silent_;
  if (connection.state == ConnectionState::requesting) {
    return request_has_begun(connection) ? &requests_ : &idle_connections_;
  }
  const bool within = connection.state == ConnectionState::open && connection.decoder.within_message();
  return within ? &messages_ : nullptr;
}

void WebServer::Impl::schedule(Connection& connection) {
  DeadlineQueue* queue = deadline_of(connection);
  if (queue == connection.queue) return;
  // The wait for the peer's end begins only after the write deadline, because the peer may still be receiving.
  if (queue == &closing_ && connection.queue == &writing_) return;
  stop_waiting(connection);
  if (queue != nullptr) start_deadline(*queue, connection);
}

void WebServer::Impl::start_deadline(DeadlineQueue& queue, Connection& connection) {
  if (&queue == &writing_) {
    const TcpProgress progress = tcp_progress(lws_get_socket_fd(connection.wsi));
    connection.goal = progress.acknowledged + std::clamp<std::uint64_t>(progress.waiting, 1, kStep);
    connection.looks = 0;
  }
  connection.in_time = connection.held;
  queue.push(connection, uv_now(loop_));
  wake();
}

void WebServer::Impl::stop_waiting(Connection& connection) {
  if (connection.queue != nullptr) connection.queue->remove(connection);
}

bool WebServer::Impl::anybody_waits() const {
  const std::array<const DeadlineQueue*, 6> all{&requests_, &idle_connections_, &messages_,
                                                &writing_,  &closing_,          &silent_};
  return std::any_of(all.begin(), all.end(), [](const DeadlineQueue* queue) { return !queue->empty(); });
}

void WebServer::Impl::on_tick() {
  const std::uint64_t now = uv_now(loop_);
  const auto each_due = [&](DeadlineQueue& queue, void (Impl::*act)(Connection&)) {
    while (Connection* connection = queue.pop_due(now)) (this->*act)(*connection);
  };
  each_due(requests_, &Impl::on_late_request);
  each_due(messages_, &Impl::on_late_message);
  each_due(idle_connections_, &Impl::on_end_of_wait);
  each_due(closing_, &Impl::on_end_of_wait);
  each_due(writing_, &Impl::on_write_deadline);
  each_due(silent_, &Impl::on_silence);
  if (!anybody_waits()) uv_timer_stop(timer_.get());
}

void WebServer::Impl::on_late_request(Connection& connection) {
  if (deadline_of(connection) != &requests_) return schedule(connection);
  ++counters_.late;
  const HttpExchange& http = *connection.http;
  if (http.bytes.empty() && http.body == nullptr) return cut(connection);
  refuse_page(connection, 408, "the request did not come in time");
}

void WebServer::Impl::on_late_message(Connection& connection) {
  if (deadline_of(connection) != &messages_) return schedule(connection);
  ++counters_.late;
  fail(connection, close_code::kPolicyViolation, "the message did not come in time");
  connection.decoder = WebSocketDecoder(0);  // frees the bytes that others wait for
  count_input(connection);
}

// Cuts the connection off, unless the peer is still receiving: the library has written all, but the kernel may still
// have unacknowledged bytes. In that case the write timeout applies.
void WebServer::Impl::on_end_of_wait(Connection& connection) {
  if (tcp_progress(lws_get_socket_fd(connection.wsi)).waiting == 0) return cut(connection);
  start_deadline(writing_, connection);
}

void WebServer::Impl::on_write_deadline(Connection& connection) {
  const TcpProgress progress = tcp_progress(lws_get_socket_fd(connection.wsi));
  const bool progressed = progress.acknowledged >= connection.goal;
  if (!progress.gone && !progressed && ++connection.looks < kLooks) {
    return writing_.push(connection, uv_now(loop_));
  }
  if (progress.gone || !progressed) {
    ++counters_.slow;
    return cut(connection);
  }
  if (progress.waiting > 0) return start_deadline(writing_, connection);
  schedule(connection);
}

// Checks if the peer has gone. A connection that is not read is not polled either, so its end is not reported.
void WebServer::Impl::on_silence(Connection& connection) {
  if (tcp_progress(lws_get_socket_fd(connection.wsi)).gone) return cut(connection);
  schedule(connection);
}

}  // namespace resflow
