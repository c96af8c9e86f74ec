// The inside of ClientServer: what the sockets bring (client_input.cpp), HTTP (client_http.cpp), and what is done to
// the sockets (client_server.cpp).
//
// Closing a socket from within its own callback, or from a send() deep in the sink, would pull the ground from under
// the callers. So nothing is closed and no `disconnected` called but in finish_turn(), which a uv_idle handle runs at
// the next turn of the loop, from a clean stack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/client_server.hpp"
#include "io/connection.hpp"
#include "io/deflate.hpp"
#include "io/frame_compressor.hpp"
#include "io/http_head.hpp"
#include "io/http_response.hpp"
#include "io/listener.hpp"
#include "io/lws_context.hpp"
#include "io/uv_handle.hpp"

namespace resflow {

class ClientServer::Impl {
 public:
  Impl(uv_loop_t* loop, const ClientServerOptions& options, ClientSink& sink);
  ~Impl();

  bool send(ConnId id, std::span<const Frame> frames);
  void close(ConnId id, const CloseReason& reason);
  void accept(ConnId id, const Headers& headers);
  void respond(ConnId id, const WebResponse& response);
  void close_all(const CloseReason& reason);
  void stop_listening() { listener_.stop(); }
  std::uint16_t port() const { return listener_.port(); }
  std::size_t connection_count() const { return table_.in_use(); }
  const ClientServerCounters& counters() const { return counters_; }
  std::size_t slots() const { return table_.slots(); }
  std::optional<ConnectionLook> look(std::size_t slot) const;

 private:
  class FrameEvents;
  struct Compression {
    FrameCompressor frames;
    Inflater messages;
  };

  // Input (client_input.cpp).
  static int on_lws(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  void on_accepted(int fd, const sockaddr_storage& peer) noexcept;
  void on_readable(Connection& connection, std::string_view bytes);
  void on_writable(Connection& connection);
  void on_closed(Connection& connection);
  void read_frames(Connection& connection, std::string_view bytes);
  void answer_close(Connection& connection, std::uint16_t code);

  // HTTP (client_http.cpp).
  void read_http(Connection& connection, std::string_view bytes);
  void read_request(Connection& connection);
  void on_head(Connection& connection);
  void begin_body(Connection& connection, std::string_view head);
  void read_body(Connection& connection);
  void hand_over(Connection& connection);
  void start_websocket(Connection& connection, std::string accept);
  bool open(Connection& connection, const Headers& headers);
  void next_request(Connection& connection);
  void resume(ConnId id);
  void resume(Connection& connection);
  void refuse(Connection& connection, unsigned status, std::string_view reason, Headers headers = {});
  void answer(Connection& connection, const WebResponse& response, bool keep_alive);
  void on_late_request(Connection& connection);
  std::string_view date();

  // Output and the end of connections (client_server.cpp).
  std::string_view gather(std::span<const Frame> frames, bool compressed);
  bool write(Connection& connection, std::string_view bytes);
  bool write_now(Connection& connection, std::string_view bytes);
  bool flush_pongs(Connection& connection);
  void pause_reading(Connection& connection);
  void continue_reading(Connection& connection);
  void fail(Connection& connection, std::uint16_t code, std::string_view text);
  void close(Connection& connection, const CloseReason& reason);
  void drain(Connection& connection);
  void linger(Connection& connection);
  void on_drained(Connection& connection);
  void wait_in(DeadlineQueue& queue, Connection& connection);
  void await_end(Connection& connection, ConnectionState state);
  void stop_waiting(Connection& connection);
  void end_wait(DeadlineQueue& queue, Connection& connection);
  bool gets_on(Connection& connection);
  void cut(Connection& connection);
  void wake();
  void finish_turn();
  void on_tick();

  uv_loop_t* loop_;
  const ClientServerOptions options_;
  ClientSink& sink_;
  ClientServerCounters counters_;
  std::size_t max_connections_;
  ConnectionTable table_;
  DeadlineQueue requests_;
  DeadlineQueue idle_connections_;
  DeadlineQueue closing_;
  std::unique_ptr<Compression> compression_;  // null: it is never agreed on
  std::string gathered_;                      // what one send() writes
  std::string pongs_;                         // answers to the pings of the bytes being read, see read_frames
  Connection* reading_ = nullptr;             // whose bytes are being read
  std::vector<ConnId> doomed_;                // sockets to close
  std::vector<Connection*> closed_;           // closed ones whose owner is to be told
  std::vector<ConnId> resumed_;               // whose further requests are to be looked at
  std::int64_t date_second_ = 0;              // of date_
  std::string date_;
  UvHandle<uv_idle_t> idle_;    // runs finish_turn() while there is something to do
  UvHandle<uv_timer_t> timer_;  // runs while a deadline queue has somebody in it
  Listener listener_;
  LwsContext lws_;  // last, so that it goes first: its end calls back
};

}  // namespace resflow
