// One lane with its event loop: what the sockets and the services bring is put into the lane, and once a turn of the
// loop the lane takes it through its graph. Built on the main thread, then everything is on the thread that calls
// run(), except what is marked "any thread".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "io/client_server.hpp"
#include "io/client_trace.hpp"
#include "io/event_loop.hpp"
#include "io/metrics_page.hpp"
#include "io/nats_client.hpp"
#include "tools/lane_tables.hpp"

namespace resflow {

class LaneLoop final : private ClientSink, private ServiceSink {
 public:
  LaneLoop() = default;
  ~LaneLoop() override { close(); }
  LaneLoop(const LaneLoop&) = delete;
  LaneLoop& operator=(const LaneLoop&) = delete;

  EventLoop& loop() { return loop_; }
  ServiceSink& service_sink() { return *this; }

  // Throws std::runtime_error when it cannot listen.
  void open(const LaneOptions& options, const ClientServerOptions& clients, ServicePort& services, LogPort& log);
  Lane& lane() { return *lane_; }
  std::uint16_t port() const { return server_->port(); }

  // Until stop().
  void run();

  // Any thread: `take` gets what the lane has counted, on the lane's thread, before its next turn. Another call before
  // that replaces this one.
  void copy_figures(std::function<void(LaneFigures)> take);

  // Any thread: rows for the admin page, as LaneTables has it.
  void collect_rows(const AdminQuery& query, std::function<void(AdminRows)> take) {
    tables_.collect(query, std::move(take));
    loop_.wake();
  }

  // Any thread: closes the clients, waits for them a little, then ends run().
  void stop() { loop_.call(); }

  // After all run() have ended; once.
  void close();

 private:
  static constexpr std::uint64_t kShutdownMs = 3'000;  // that clients have to go

  void connected(Connected client) override;
  void frame(ConnId conn, std::string text) override;
  void request(WebRequest request) override;
  void disconnected(ConnId conn) override;
  void writable(ConnId conn) override;
  void reply(ServiceReply message) override { from_services(std::move(message)); }
  void message(ServiceMessage message) override { from_services(std::move(message)); }

  bool turn();
  void give_figures();
  void begin_stop();
  template <typename Message>
  void put(Message message);
  template <typename Message>
  void from_services(Message message);

  EventLoop loop_;
  std::unique_ptr<ClientServer> server_;
  std::unique_ptr<ClientTrace> trace_;  // null unless the log is traced
  std::unique_ptr<Lane> lane_;
  std::thread::id thread_;  // of run()
  bool stopping_ = false;
  LaneTables tables_;

  std::atomic<bool> figures_wanted_ = false;
  std::mutex figures_mutex_;
  std::function<void(LaneFigures)> take_figures_;  // while they are wanted
};

}  // namespace resflow
