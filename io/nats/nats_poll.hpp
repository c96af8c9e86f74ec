// Lets the NATS library nats.c use a libuv loop: reads and writes the socket of one connection on the loop's thread.
// nats.c says, on any thread, that it wants to read or write. This class then lets nats.c do so on the loop's thread,
// when the socket is ready.
//
// Each connection has its own Poll. Created on the loop's thread. Private to the files nats_*.cpp.
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

  // Makes nats.c use this object as the event loop of the connection that is made with these options. Must be called
  // before connecting.
  void use(natsOptions* options);
  // Starts polling the socket on the loop. Throws std::runtime_error if libuv cannot poll the socket.
  void begin();
  // Blocks, and lets the library read the socket until `done` returns true. Returns false if that does not happen
  // within `timeout_ms` milliseconds. Only for use before begin(), while the loop does not run.
  bool read_until(const std::function<bool()>& done, std::int64_t timeout_ms);
  // Writes all messages that were published and not written yet. If the socket does not take everything now, the loop
  // writes the rest later.
  void write_now(natsConnection* connection);
  // Makes the loop's thread call write_now() soon. Any thread.
  void write_soon() { uv_async_send(wake_.get()); }
  bool on_loop_thread() const { return std::this_thread::get_id() == thread_; }

 private:
  // The library calls these functions, on any thread. attach(): the socket is connected. read() and write(): the
  // library wants to start (`add` is true) or stop reading or writing. detach(): the library is about to close the
  // socket.
  static natsStatus attach(void** user, void* loop, natsConnection* connection, natsSock socket);
  static natsStatus read(void* user, bool add);
  static natsStatus write(void* user, bool add);
  static natsStatus detach(void* user);
  // Makes poll_ wait until the socket is readable or writable, depending on what the library wants to do next. Loop
  // thread only.
  void update();
  // Makes the loop's thread call update(). Any thread.
  void changed();

  uv_loop_t* loop_;
  std::thread::id thread_ = std::this_thread::get_id();
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_poll_t> poll_;           // exists from begin() until the library detaches the socket
  std::optional<TlsRecordGate> gate_;  // lets nats.c read only whole TLS records; set once the socket is connected
  natsConnection* connection_ = nullptr;
  natsSock socket_ = -1;
  int events_ = 0;  // the events that poll_ waits for: UV_READABLE, UV_WRITABLE, both or none
  std::atomic<bool> want_read_ = false;
  std::atomic<bool> want_write_ = false;
  std::atomic<bool> detached_ = false;
};

}  // namespace resflow
