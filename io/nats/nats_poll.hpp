// nats.c on a libuv loop: its event-loop callbacks, which come from any thread, carried out on the loop's thread. One
// for each connection. Private to the files nats_*.cpp.
#pragma once

#include <nats/nats.h>
#include <uv.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "io/nats/nats_client.hpp"
#include "io/tls/tls_record_gate.hpp"
#include "io/uv_handle.hpp"

namespace resflow {

class NatsClient::Poll {
 public:
  explicit Poll(uv_loop_t* loop);

  void use(natsOptions* options);
  // From now on the loop reads what comes. Throws std::runtime_error.
  void begin();
  // Before begin(), while the loop does not turn: reads until `done` says so; false when it does not within the time.
  bool read_until(const std::function<bool()>& done, std::int64_t timeout_ms);
  // Writes what was published since the last time; what the socket does not take goes when it does.
  void write_now(natsConnection* connection);
  // From any thread: the same, soon.
  void write_soon() { uv_async_send(wake_.get()); }
  bool on_loop_thread() const { return std::this_thread::get_id() == thread_; }

 private:
  static natsStatus attach(void** user, void* loop, natsConnection* connection, natsSock socket);
  static natsStatus read(void* user, bool add);
  static natsStatus write(void* user, bool add);
  static natsStatus detach(void* user);
  void update();
  void changed();

  uv_loop_t* loop_;
  std::thread::id thread_ = std::this_thread::get_id();
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_poll_t> poll_;           // from begin() until detached
  std::optional<TlsRecordGate> gate_;  // while attached
  natsConnection* connection_ = nullptr;
  natsSock socket_ = -1;
  int events_ = 0;  // that poll_ is for
  std::atomic<bool> want_read_ = false;
  std::atomic<bool> want_write_ = false;
  std::atomic<bool> detached_ = false;
};

}  // namespace resflow
