#include "io/lws_context.hpp"

#include <array>
#include <mutex>
#include <stdexcept>

namespace resflow {
namespace {

constexpr const char* kProtocol = "client";
// One read buffer for all connections of the context.
constexpr unsigned kReadBuffer = 64 * 1024;
// The library sends at most this much in one call; the default is near the read buffer's size.
constexpr std::size_t kMaxSend = 1 << 20;

bool is_any_closing(uv_loop_t* loop) {
  bool closing = false;
  uv_walk(
      loop,
      [](uv_handle_t* handle, void* result) {
        if (uv_is_closing(handle) != 0) *static_cast<bool*>(result) = true;
      },
      &closing);
  return closing;
}

void turn_until_closed(uv_loop_t* loop) {
  while (is_any_closing(loop)) uv_run(loop, UV_RUN_NOWAIT);
}

// Once, for lanes that already run read these settings of the library.
void set_log(LwsLog log) {
  static std::once_flag once;
  std::call_once(once, [&] { lws_set_log_level(log == nullptr ? 0 : LLL_ERR | LLL_WARN, log); });
}

}  // namespace

LwsContext::LwsContext(uv_loop_t* loop, lws_callback_function* callback, void* user, LwsLog log) : loop_(loop) {
  set_log(log);
  std::array<void*, 1> loops{loop};
  std::array<lws_protocols, 2> protocols{};  // the second ends the list
  protocols[0].name = kProtocol;
  protocols[0].callback = callback;
  protocols[0].tx_packet_size = kMaxSend;

  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  info.foreign_loops = loops.data();
  info.protocols = protocols.data();
  info.pt_serv_buf_size = kReadBuffer;
  info.retry_and_idle_policy = &no_idle_checks_;  // its timers cost O(n) an insert
  info.user = user;
  context_ = lws_create_context(&info);
  if (context_ == nullptr) throw std::runtime_error("libwebsockets: cannot create a context");
  vhost_ = lws_create_vhost(context_, &info);
  if (vhost_ == nullptr) {
    lws_context_destroy(context_);
    turn_until_closed(loop_);
    lws_context_destroy(context_);
    throw std::runtime_error("libwebsockets: cannot create a vhost");
  }
}

// On a foreign loop the first call starts to close the handles, and the second, when they are closed, frees.
LwsContext::~LwsContext() {
  lws_context_destroy(context_);
  turn_until_closed(loop_);
  lws_context_destroy(context_);
}

lws* LwsContext::adopt(int fd, void* opaque) {
  lws_adopt_desc_t desc{};
  desc.vh = vhost_;
  desc.type = static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL);  // not HTTP: the role is raw-skt
  desc.fd.sockfd = fd;
  desc.vh_prot_name = kProtocol;
  desc.opaque = opaque;
  return lws_adopt_descriptor_vhost_via_info(&desc);
}

}  // namespace resflow
