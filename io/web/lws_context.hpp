// A libwebsockets context on somebody else's libuv loop, for plain sockets only ("raw-skt" role): libwebsockets does
// the polling, the writing with its backlog and, when that is wanted, TLS; the protocols are ours. One context a loop,
// everything on the loop thread.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include <cstdint>

namespace resflow {

class ServerTls;

// Where the library's warnings and errors go, on any thread that uses the library; null silences it.
using LwsLog = void (*)(int level, const char* line);

struct LwsContextOptions {
  lws_callback_function* callback = nullptr;
  void* user = nullptr;                         // what lws_context_user gives in the callback
  ServerTls* tls = nullptr;                     // all connections are over TLS; null: none is
  std::uint64_t handshake_timeout_ms = 20'000;  // of TLS
  LwsLog log = nullptr;                         // for the whole process, if this is its first context
};

class LwsContext {
 public:
  // Throws std::runtime_error.
  LwsContext(uv_loop_t* loop, const LwsContextOptions& options);

  // Closes every connection (the callback sees RAW_CLOSE) and turns the loop until libuv has let go of all handles that
  // are being closed. So not from within a callback of the loop.
  ~LwsContext();
  LwsContext(const LwsContext&) = delete;
  LwsContext& operator=(const LwsContext&) = delete;

  // Takes over a connected socket; lws_get_opaque_user_data gives `opaque` back. Null if it could not; the socket is
  // closed then, of which the callback may have been told.
  lws* adopt(int fd, void* opaque);

  // To be called when the first bytes have come: the library limits the time of a TLS handshake, and forgets to end
  // that when it is over.
  static void handshake_is_over(lws* wsi);

  // False while TLS is being agreed on, and if that has failed. Later errors of TLS do not change it.
  static bool is_established(lws* wsi);

  // Nothing is written any more: the peer is told. Reading goes on.
  static void end_output(lws* wsi);

 private:
  static int on_vhost(lws* wsi, lws_callback_reasons reason, void* ssl_context, void* in, size_t size);

  uv_loop_t* loop_;
  ServerTls* tls_;
  lws_retry_bo_t no_idle_checks_{};
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
};

}  // namespace resflow
