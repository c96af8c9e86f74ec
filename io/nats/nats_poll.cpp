#include "io/nats/nats_poll.hpp"

#include <poll.h>

#include <chrono>

namespace resflow {

NatsClient::Poll::Poll(uv_loop_t* loop)
    : loop_(loop), wake_(make_uv_handle<uv_async_t>(this, [loop](uv_async_t* handle) {
        return uv_async_init(loop, handle, [](uv_async_t* h) {
          auto& self = *static_cast<Poll*>(h->data);
          if (self.connection_ != nullptr && !self.detached_) self.write_now(self.connection_);
          self.update();
        });
      })) {}

void NatsClient::Poll::use(natsOptions* options) {
  natsOptions_SetEventLoop(options, this, attach, read, write, detach);
}

void NatsClient::Poll::write_now(natsConnection* connection) {
  if (want_write_) natsConnection_ProcessWriteEvent(connection);
  update();
}

// Stores the connection and its socket. The library calls this once, on the thread that connects. This thread may be
// another one than the loop's, so the function does not touch the loop.
natsStatus NatsClient::Poll::attach(void** user, void* loop, natsConnection* connection, natsSock socket) {
  auto* self = static_cast<Poll*>(loop);
  *user = self;
  self->connection_ = connection;
  self->socket_ = socket;
  self->gate_.emplace(socket);
  self->want_read_ = true;
  return NATS_OK;
}

void NatsClient::Poll::begin() {
  if (detached_) return;
  poll_ =
      make_uv_handle<uv_poll_t>(this, [&](uv_poll_t* handle) { return uv_poll_init_socket(loop_, handle, socket_); });
  update();
}

bool NatsClient::Poll::read_until(const std::function<bool()>& done, std::int64_t timeout_ms) {
  using std::chrono::steady_clock;
  constexpr int pause_ms =
      10;  // milliseconds; calls `done` at least this often, since other threads may change its result
  const auto limit = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!done()) {
    if (steady_clock::now() > limit) return false;
    if (!detached_) write_now(connection_);
    pollfd wanted{detached_ ? -1 : socket_, POLLIN, 0};
    if (::poll(&wanted, 1, pause_ms) > 0 && gate_->open()) natsConnection_ProcessReadEvent(connection_);
  }
  return true;
}

natsStatus NatsClient::Poll::read(void* user, bool add) {
  auto* self = static_cast<Poll*>(user);
  self->want_read_ = add;
  self->changed();
  return NATS_OK;
}

// Stores whether the library wants to write. If this is called on another thread than the loop's, also wakes the loop,
// which then writes. (For example, the library sends pings from a thread of its own.) If this is called on the loop's
// thread, the loop writes soon anyway: when a lane's port calls flush(), or in the poll callback.
natsStatus NatsClient::Poll::write(void* user, bool add) {
  auto* self = static_cast<Poll*>(user);
  self->want_write_ = add;
  if (add && !self->on_loop_thread()) uv_async_send(self->wake_.get());
  return NATS_OK;
}

natsStatus NatsClient::Poll::detach(void* user) {
  auto* self = static_cast<Poll*>(user);
  self->detached_ = true;
  self->changed();
  return NATS_OK;
}

void NatsClient::Poll::changed() {
  if (on_loop_thread()) {
    update();
  } else {
    uv_async_send(wake_.get());
  }
}

void NatsClient::Poll::update() {
  if (detached_) {
    poll_ = nullptr;
    return;
  }
  const int wanted = (want_read_ ? UV_READABLE : 0) | (want_write_ ? UV_WRITABLE : 0);
  if (!poll_ || wanted == events_) return;
  events_ = wanted;
  if (wanted == 0) {
    uv_poll_stop(poll_.get());
    return;
  }
  uv_poll_start(poll_.get(), wanted, [](uv_poll_t* h, int status, int events) {
    auto& p = *static_cast<Poll*>(h->data);
    // If polling has failed, lets the library read all the same: then the library finds the error and reports it.
    if (status != 0 || ((events & UV_READABLE) != 0 && p.gate_->open())) natsConnection_ProcessReadEvent(p.connection_);
    // Also writes what the library wants to send because of what it has just read, such as a pong. Otherwise this would
    // wait until a lane calls flush().
    if (!p.detached_ && ((events & UV_WRITABLE) != 0 || p.want_write_)) p.write_now(p.connection_);
  });
}

}  // namespace resflow
