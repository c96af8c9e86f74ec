// Runs a libwebsockets context on a given libuv loop. libwebsockets polls the sockets, writes to them, keeps the
// backlog (output that a socket does not take at once), and does TLS if the options ask for it. It does not do HTTP or
// WebSocket: it hands over the received bytes as they are (its role "raw-skt"), and the web server does both. There is
// one context per loop. Only the thread of this loop may use the class.
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
  void* user = nullptr;                         // lws_context_user() returns this pointer in the callback
  ServerTls* tls = nullptr;                     // TLS for all connections; null: plain text
  std::uint64_t handshake_timeout_ms = 20'000;  // time limit of the TLS handshake
  LwsLog log = nullptr;                         // the library uses only the log of the first context in the process
};

class LwsContext {
 public:
  // Throws std::runtime_error if libwebsockets fails.
  LwsContext(uv_loop_t* loop, const LwsContextOptions& options);

  // Closes every connection (the callback sees RAW_CLOSE for each), and runs the loop until all closing handles of the
  // loop are closed. Because the destructor runs the loop, a callback of the loop must not destroy this object.
  ~LwsContext();
  LwsContext(const LwsContext&) = delete;
  LwsContext& operator=(const LwsContext&) = delete;

  // Takes over a connected socket. lws_get_opaque_user_data() returns `opaque` for the new connection. Returns null on
  // failure; then the socket is closed, and the callback may already have seen RAW_CLOSE.
  lws* adopt(int fd, void* opaque);

  // Ends the library's time limit for the TLS handshake, because the library does not end it when the handshake is
  // complete. The web server must call this when the first bytes after the handshake have come.
  static void handshake_is_over(lws* wsi);

  // Returns false during the TLS handshake, and after a TLS handshake that failed. Returns true for plain text. TLS
  // errors after the handshake do not change the result.
  static bool is_established(lws* wsi);

  // Tells the peer that we send nothing more. The server still reads what the peer sends.
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
