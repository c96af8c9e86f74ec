// The implementation of WebServer, in three parts: what comes from the sockets (web_server_input.cpp), HTTP
// (web_server_http.cpp), and output and the end of connections (web_server.cpp). What has a state of its own has a
// class of its own: who may come in (entrance.hpp), when a connection is read (pauses.hpp, held_input.hpp), and how
// long it may take (deadlines.hpp). Loop thread only.
//
// A socket must not be closed within its own callback, or within a send() that the sink makes, because callers further
// up the stack still use the connection. So the server closes sockets and calls `disconnected` only in
// finish_turn(). A uv_idle handle calls it in the next iteration of the loop, when no such caller is on the stack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/uv_handle.hpp"
#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"
#include "io/web/deflate.hpp"
#include "io/web/entrance.hpp"
#include "io/web/frame_compressor.hpp"
#include "io/web/held_input.hpp"
#include "io/web/http_head.hpp"
#include "io/web/http_response.hpp"
#include "io/web/inflation_budget.hpp"
#include "io/web/listener.hpp"
#include "io/web/lobby.hpp"
#include "io/web/lws_context.hpp"
#include "io/web/pauses.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

class WebServer::Impl {
 public:
  Impl(uv_loop_t* loop, const WebServerOptions& options, ClientSink& sink);
  ~Impl();

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
  const WebServerCounters& counters() const { return counters_; }
  std::size_t slots() const { return table_.slots(); }
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class FrameEvents;
  // What compression needs; one for all connections.
  struct Compression {
    explicit Compression(InflationBudget budget) : budget(budget) {}

    FrameCompressor frames;
    Inflater messages;
    InflationBudget budget;
  };

  // Input (web_server_input.cpp).
  static int on_lws(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  void on_accepted(int fd, const sockaddr_storage& peer) noexcept;
  void on_refused(Lobby::Refusal why, const Lobby::Pass& pass) noexcept;
  void begin(int fd, const sockaddr_storage& client, const Lobby::Pass& pass) noexcept;
  void forget(Connection& connection);
  void on_readable(Connection& connection, std::string_view bytes);
  void on_writable(Connection& connection);
  void on_closed(Connection& connection);
  void read_frames(Connection& connection, std::string_view bytes);
  bool may_inflate(const Connection& connection) const;
  void defer(Connection& connection, std::string_view bytes, std::vector<ConnId>& until);
  void answer_close(Connection& connection, std::uint16_t code);

  // HTTP (web_server_http.cpp).
  void read_http(Connection& connection, std::string_view bytes);
  void read_request(Connection& connection);
  void on_head(Connection& connection);
  void begin_body(Connection& connection, std::string_view head);
  void read_body(Connection& connection);
  void hand_over(Connection& connection);
  void start_websocket(Connection& connection, std::string accept);
  bool open(Connection& connection, const Headers& headers);
  void next_request(Connection& connection);
  void go_on_later(Connection& connection);
  void go_on(ConnId id);
  void go_on(Connection& connection);
  void refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  void refuse_page(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  bool is_refused_for_address(Connection& connection, bool opens_websocket);
  void answer(Connection& connection, const WebResponse& response, bool keep_alive);
  std::string_view date();

  // Output and the end of connections (web_server.cpp).
  std::unique_ptr<Lobby> make_lobby();
  std::string_view gather(std::span<const Frame> frames, bool compressed);
  bool write(Connection& connection, std::string_view bytes);
  bool write_now(Connection& connection, std::string_view bytes);
  bool flush_pongs(Connection& connection);
  void fail(Connection& connection, std::uint16_t code, std::string_view text);
  void close(Connection& connection, const CloseReason& reason);
  void drain(Connection& connection);
  void linger(Connection& connection);
  void on_drained(Connection& connection);
  void await_end(Connection& connection, ConnectionState state);
  void cut(Connection& connection);
  void end_late();
  void on_late_request(Connection& connection);
  void on_late_message(Connection& connection);
  void wake();
  void finish_turn();

  uv_loop_t* loop_;
  const WebServerOptions options_;
  ClientSink& sink_;
  WebServerCounters counters_;
  Entrance entrance_;
  ConnectionTable table_;
  Deadlines deadlines_;
  Pauses pauses_;
  HeldInput held_input_;
  std::unique_ptr<Compression> compression_;  // null: compression is never agreed on
  std::string gathered_;                      // buffer for the frames of one send()
  std::string pongs_;                         // answers to the pings in the bytes being read, see read_frames
  Connection* reading_ = nullptr;             // the connection whose bytes are being read, or null
  std::vector<ConnId> doomed_;                // connections whose sockets must be closed
  std::vector<Connection*> closed_;           // closed connections; the sink is told of their end next
  std::vector<ConnId> resumed_;               // connections that have received bytes which must be processed
  std::vector<ConnId> passed_over_;  // like resumed_, but the inflation budget left nothing for them; they come first
  std::int64_t date_second_ = 0;     // the second for which date_ was made
  std::string date_;
  UvHandle<uv_idle_t> idle_;  // calls finish_turn() while there is something to do
  Listener listener_;
  std::unique_ptr<Lobby> lobby_;  // null: no socket has to wait there
  LwsContext lws_;                // last, so that it is destroyed first: its destructor calls back into this object
};

}  // namespace resflow
