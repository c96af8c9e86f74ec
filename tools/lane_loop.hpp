// One lane with its event loop: what the sockets and the services bring is put into the lane, and once a turn of the
// loop the lane takes it through its graph. Built on the main thread, then everything is on the thread that calls
// run(), except what is marked "any thread".
#pragma once

#include <uv.h>

#include <atomic>
#include <memory>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "io/client_server.hpp"
#include "io/nats_client.hpp"
#include "io/uv_handle.hpp"

namespace resflow {

class LaneLoop final : private ClientSink, private ServiceSink {
 public:
  LaneLoop();
  ~LaneLoop() override;
  LaneLoop(const LaneLoop&) = delete;
  LaneLoop& operator=(const LaneLoop&) = delete;

  uv_loop_t* loop() { return &loop_; }
  ServiceSink& service_sink() { return *this; }

  // Throws std::runtime_error when it cannot listen.
  void open(const LaneOptions& options, const ClientServerOptions& clients, ServicePort& services, LogPort& log);
  Lane& lane() { return *lane_; }
  std::uint16_t port() const { return server_->port(); }

  // Until stop().
  void run();

  // Any thread: closes the clients, waits for them a little, then ends run().
  void stop();

  // After all run() have ended, on the thread that ran it.
  void close();

 private:
  static constexpr std::uint64_t kTickMs = 20;         // how exact time limits are
  static constexpr std::uint64_t kShutdownMs = 3'000;  // that clients have to go

  void connected(ConnId conn, std::string cid, std::shared_ptr<const ClientInfo> info) override;
  void frame(ConnId conn, std::string text) override;
  void disconnected(ConnId conn) override;
  void writable(ConnId conn) override;
  void reply(ServiceReply message) override;
  void message(ServiceMessage message) override;

  void turn();
  void keep_time();
  void begin_stop();
  void check_stopped();

  uv_loop_t loop_{};
  UvHandle<uv_async_t> wake_;
  UvHandle<uv_check_t> after_io_;
  UvHandle<uv_idle_t> again_;  // while there is more to do at once
  UvHandle<uv_timer_t> ticks_;
  UvHandle<uv_timer_t> deadline_;
  std::unique_ptr<ClientServer> server_;
  std::unique_ptr<Lane> lane_;
  std::atomic<bool> stop_wanted_ = false;
  bool work_ = false;  // something was put in since the last turn
  bool stopping_ = false;
  bool ticking_ = false;
};

}  // namespace resflow
