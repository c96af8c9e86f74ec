// A libwebsockets context on somebody else's libuv loop, for plain sockets only ("raw-skt" role): libwebsockets does
// the polling, the writing with its backlog and, when that is wanted, TLS; the protocols are ours. One context a loop,
// everything on the loop thread.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

namespace resflow {

// Where the library's warnings and errors go, on any thread that uses the library; null silences it.
using LwsLog = void (*)(int level, const char* line);

class LwsContext {
 public:
  // `user` is what lws_context_user gives in the callback. The library has one log for the whole process: that of the
  // first context stays. Throws std::runtime_error.
  LwsContext(uv_loop_t* loop, lws_callback_function* callback, void* user, LwsLog log);

  // Closes every connection (the callback sees RAW_CLOSE) and turns the loop until libuv has let go of all handles that
  // are being closed. So not from within a callback of the loop.
  ~LwsContext();
  LwsContext(const LwsContext&) = delete;
  LwsContext& operator=(const LwsContext&) = delete;

  // Takes over a connected socket; lws_get_opaque_user_data gives `opaque` back. Null if it could not; the socket is
  // closed then.
  lws* adopt(int fd, void* opaque);

 private:
  uv_loop_t* loop_;
  lws_retry_bo_t no_idle_checks_{};
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
};

}  // namespace resflow
