// The implementation of WebServer. The server consists of several parts, which web_server_core.hpp lists. This class
// passes each callback of libwebsockets, and each call to WebServer, to the part that handles it. Only the thread of
// the server's event loop may use this class.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "io/web/http_server.hpp"
#include "io/web/listener.hpp"
#include "io/web/lobby.hpp"
#include "io/web/lws_context.hpp"
#include "io/web/message_reader.hpp"
#include "io/web/web_server_core.hpp"

namespace resflow {

class WebServer::Impl {
 public:
  Impl(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);
  ~Impl();

  // Each does the work of the WebServer function with the same name.
  bool send(ConnId id, std::span<const Frame> frames);
  void close(ConnId id, const CloseReason& reason);
  void accept(ConnId id, const Headers& headers);
  void respond(ConnId id, const WebResponse& response);
  void pause(ConnId id);
  void resume(ConnId id);
  void close_all(const CloseReason& reason);
  void stop_listening() { listener_.stop(); }
  std::uint16_t port() const { return listener_.port(); }
  std::size_t connection_count() const;
  const WebServerCounters& counters() const { return core_.counters; }
  std::size_t slots() const { return core_.table.slots(); }
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  // Functions for new sockets, defined in web_server_sockets.cpp.
  std::unique_ptr<Lobby> make_lobby();
  void on_accepted(int fd, const sockaddr_storage& peer) noexcept;
  void on_refused(Lobby::Refusal why, const Lobby::Pass& pass) noexcept;
  void begin(int fd, const sockaddr_storage& client, const Lobby::Pass& pass) noexcept;
  void forget(Connection& connection);

  // The callback of libwebsockets, and the functions that it calls. Defined in web_server_sockets.cpp.
  static int on_lws(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  void on_readable(Connection& connection, std::string_view bytes);
  void on_writable(Connection& connection);
  void on_closed(Connection& connection);

  // Work that the server does later: ends connections whose deadline has come, processes bytes that had to wait, and
  // does other work that was put off. Defined in web_server.cpp.
  void read_again(Connection& connection);
  void end_late();
  void iterate();
  void read_again(ConnId id);
  void tell_end(Connection& connection);

  WebServerCore core_;
  HttpServer http_{core_};
  MessageReader messages_{core_};
  Listener listener_;
  std::unique_ptr<Lobby> lobby_;  // null: the server uses neither TLS nor the PROXY protocol
  LwsContext lws_;                // destroyed first, because its destructor still calls functions of Impl
};

}  // namespace resflow
