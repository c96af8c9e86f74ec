#include "io/web/lws_context.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <mutex>
#include <stdexcept>

#include "io/tls/server_tls.hpp"

namespace resflow {
namespace {

constexpr const char* kProtocol = "client";
// The size, in bytes, of the read buffer that all connections of the context share.
constexpr unsigned kReadBuffer = 64 * 1024;
// The most bytes that libwebsockets sends in one call. By default, the limit would be about the size of the read
// buffer.
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

// Sets the log function of libwebsockets. Only the first call in the process has an effect: the function is a global
// variable, which other threads may already be using.
void set_log(LwsLog log) {
  static std::once_flag once;
  std::call_once(once, [&] { lws_set_log_level(log == nullptr ? 0 : LLL_ERR | LLL_WARN, log); });
}

}  // namespace

LwsContext::LwsContext(uv_loop_t* loop, const LwsContextOptions& options) : loop_(loop), tls_(options.tls) {
  set_log(options.log);
  std::array<void*, 1> loops{loop};
  std::array<lws_protocols, 3> protocols{};  // the last element stays empty, which ends the list
  protocols[0].name = "vhost";               // libwebsockets calls the callback of the first protocol to set up TLS
  protocols[0].callback = on_vhost;
  protocols[1].name = kProtocol;
  protocols[1].callback = options.callback;
  protocols[1].tx_packet_size = kMaxSend;

  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  if (tls_ != nullptr) {
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
                    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;  // only a TLS client needs CA certificates
    info.alpn = "http/1.1";
    info.timeout_secs = static_cast<unsigned>(options.handshake_timeout_ms / 1'000 + 1);
  }
  info.foreign_loops = loops.data();
  info.protocols = protocols.data();
  info.pt_serv_buf_size = kReadBuffer;
  // Turns off libwebsockets' checks for idle connections. They use a timer for each connection, and to start a timer
  // costs O(n) for n connections.
  info.retry_and_idle_policy = &no_idle_checks_;
  info.user = options.user;
  context_ = lws_create_context(&info);
  if (context_ == nullptr) throw std::runtime_error("libwebsockets: cannot create a context");
  info.user = this;
  vhost_ = lws_create_vhost(context_, &info);
  if (vhost_ == nullptr) {
    lws_context_destroy(context_);
    turn_until_closed(loop_);
    lws_context_destroy(context_);
    throw std::runtime_error("libwebsockets: cannot create a vhost");
  }
}

// Destroys the context in two steps, because the loop does not belong to libwebsockets. The first call of
// lws_context_destroy() starts to close the libuv handles. When they are closed, the second call frees the context.
LwsContext::~LwsContext() {
  lws_context_destroy(context_);
  turn_until_closed(loop_);
  lws_context_destroy(context_);
}

// Sets up TLS for the vhost, the object of libwebsockets that stores the TLS settings. Returns 0 on success. With any
// other result, libwebsockets does not create the vhost.
int LwsContext::on_vhost(lws* wsi, lws_callback_reasons reason, void* ssl_context, void*, size_t) {
  if (reason != LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) return 0;
  const auto* self = static_cast<LwsContext*>(lws_get_vhost_user(lws_get_vhost(wsi)));
  return self->tls_->set_up(static_cast<SSL_CTX*>(ssl_context)) ? 0 : 1;
}

lws* LwsContext::adopt(int fd, void* opaque) {
  lws_adopt_desc_t desc{};
  desc.vh = vhost_;
  // Without the flag LWS_ADOPT_HTTP, libwebsockets does not parse HTTP, but hands the received bytes to the callback as
  // they are.
  desc.type = static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL);
  desc.fd.sockfd = fd;
  desc.vh_prot_name = kProtocol;
  desc.opaque = opaque;
  return lws_adopt_descriptor_vhost_via_info(&desc);
}

void LwsContext::handshake_is_over(lws* wsi) {
  if (lws_get_ssl(wsi) != nullptr) lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
}

bool LwsContext::is_established(lws* wsi) {
  const SSL* ssl = lws_get_ssl(wsi);
  return ssl == nullptr || SSL_get_peer_finished(ssl, nullptr, 0) > 0;
}

// Tells the peer that the server sends nothing more. Over TLS, first sends a close_notify alert. Without the alert, the
// peer could not know whether an attacker has cut the stream off (RFC 8446, section 6.1). Calls SSL_shutdown() only
// once, because a second call would read from the socket.
void LwsContext::end_output(lws* wsi) {
  SSL* ssl = lws_get_ssl(wsi);
  if (ssl != nullptr && SSL_is_init_finished(ssl) != 0 && (SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN) == 0) {
    ERR_clear_error();
    SSL_shutdown(ssl);
  }
  ::shutdown(lws_get_socket_fd(wsi), SHUT_WR);
}

}  // namespace resflow
