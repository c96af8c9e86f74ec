// Runs the library libwebsockets on a given libuv loop. libwebsockets polls the sockets, reads and writes them, and
// does TLS if the options ask for it. It also keeps output that a socket does not take at once (the backlog). It does
// not parse HTTP or WebSocket here: the web server gets the received bytes and does both. There is one context per
// loop. Only the thread of this loop may use the class.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include <cstdint>

namespace resflow {

class ServerTls;

// A function that gets the warnings and errors of libwebsockets. It is called on each thread that uses libwebsockets.
// Null: warnings and errors are dropped.
using LwsLog = void (*)(int level, const char* line);

struct LwsContextOptions {
  lws_callback_function* callback = nullptr;
  void* user = nullptr;                         // lws_context_user() returns this pointer in the callback
  ServerTls* tls = nullptr;                     // TLS for all connections; null: plain text
  std::uint64_t handshake_timeout_ms = 20'000;  // time limit of the TLS handshake
  LwsLog log = nullptr;                         // only the log function of the process's first context is used
};

class LwsContext {
 public:
  // Throws std::runtime_error if libwebsockets fails.
  LwsContext(uv_loop_t* loop, const LwsContextOptions& options);

  // Closes every connection: for each, libwebsockets calls LwsContextOptions::callback with LWS_CALLBACK_RAW_CLOSE.
  // Runs the loop until all libuv handles that are being closed are closed. So a callback of the loop must not destroy
  // this object: the loop would run inside itself.
  ~LwsContext();
  LwsContext(const LwsContext&) = delete;
  LwsContext& operator=(const LwsContext&) = delete;

  // Takes over a connected socket and starts a connection on it. lws_get_opaque_user_data() returns `opaque` for this
  // connection. On failure, closes the socket and returns null; the callback may then already have got
  // LWS_CALLBACK_RAW_CLOSE for it.
  lws* adopt(int fd, void* opaque);

  // Stops libwebsockets' time limit for the TLS handshake. libwebsockets does not stop it when the handshake is
  // complete, so the web server must call this function when the first bytes after the handshake have come.
  static void handshake_is_over(lws* wsi);

  // Returns true if the connection is plain text, or if its TLS handshake has succeeded. Returns false during the
  // handshake and after a failed one. A TLS error after the handshake does not change the result.
  static bool is_established(lws* wsi);

  // Tells the peer that the server sends nothing more. The server still reads what the peer sends.
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
