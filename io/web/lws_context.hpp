// Runs a libwebsockets context on a given libuv loop, for plain sockets only ("raw-skt" role). libwebsockets polls the
// sockets, writes to them, keeps the backlog, and does TLS if it is wanted. HTTP and WebSocket are not left to the
// library, but done by the web server. There is one context per loop. Loop thread only.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include <cstdint>

namespace resflow {

class ServerTls;

// Receives the library's warnings and errors, on any thread that uses the library. Null silences the library.
using LwsLog = void (*)(int level, const char* line);

struct LwsContextOptions {
  lws_callback_function* callback = nullptr;
  void* user = nullptr;                         // what lws_context_user() returns in the callback
  ServerTls* tls = nullptr;                     // TLS for all connections; null: plain text
  std::uint64_t handshake_timeout_ms = 20'000;  // time limit of the TLS handshake
  LwsLog log = nullptr;                         // only the log of the first context in the process is used
};

class LwsContext {
 public:
  // Throws std::runtime_error.
  LwsContext(uv_loop_t* loop, const LwsContextOptions& options);

  // Closes every connection (the callback sees RAW_CLOSE), and runs the loop until all its closing handles are closed.
  // It must not be called within a callback of the loop, since it runs the loop.
  ~LwsContext();
  LwsContext(const LwsContext&) = delete;
  LwsContext& operator=(const LwsContext&) = delete;

  // Takes over a connected socket. lws_get_opaque_user_data() returns `opaque` for it. Returns null on failure; then
  // the socket is closed, and the callback may already have seen RAW_CLOSE.
  lws* adopt(int fd, void* opaque);

  // Must be called when the first bytes have come. It ends the library's time limit for the TLS handshake, which the
  // library does not end itself.
  static void handshake_is_over(lws* wsi);

  // Returns false during the TLS handshake, and after a handshake that failed. Later TLS errors do not change the
  // result.
  static bool is_established(lws* wsi);

  // Tells the peer that nothing more will be written. Reading goes on.
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
