// One lane with its event loop: what the sockets and the services bring is put into the lane, and once a turn of the
// loop the lane takes it through its graph. Built on the main thread, then everything is on the thread that calls
// run(), except what is marked "any thread".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "io/capture/lane_capture.hpp"
#include "io/event_loop.hpp"
#include "io/nats/nats_client.hpp"
#include "io/operator/metrics_page.hpp"
#include "io/web/client_trace.hpp"
#include "io/web/web_server.hpp"
#include "tools/gateway/handover.hpp"
#include "tools/gateway/lane_tables.hpp"

namespace resflow {

class LaneLoop final : private ClientSink, private ServiceSink {
 public:
  // `busy` is shared by all lanes: how many of them have clients, or may get some. It begins with all of them.
  explicit LaneLoop(std::atomic<std::size_t>& busy) : busy_(busy) {}
  ~LaneLoop() override { close(); }
  LaneLoop(const LaneLoop&) = delete;
  LaneLoop& operator=(const LaneLoop&) = delete;

  EventLoop& loop() { return loop_; }
  ServiceSink& service_sink() { return *this; }

  // Throws std::runtime_error when it cannot listen.
  void open(const LaneOptions& options, const WebServerOptions& clients, ServicePort& services, LogPort& log);
  Lane& lane() { return *lane_; }
  std::uint16_t port() const { return server_->port(); }

  // Records from the first turn on; before run().
  void capture(std::shared_ptr<RunningCapture> capture);
  // Any thread: from the next turn on; null: no more.
  void change_capture(std::shared_ptr<RunningCapture> capture) {
    next_capture_.put(std::move(capture));
    loop_.wake();
  }

  // Until stop().
  void run();

  // Any thread: `take` gets what the lane has counted, on the lane's thread, before its next turn. Another call before
  // that replaces this one.
  void copy_figures(std::function<void(LaneFigures)> take) {
    take_figures_.put(std::move(take));
    loop_.wake();
  }

  // Any thread: rows for the admin page, as LaneTables has it.
  void collect_rows(const AdminQuery& query, std::function<void(AdminRows)> take) {
    tables_.collect(query, std::move(take));
    loop_.wake();
  }

  // Any thread: closes the clients, waits a little for them and for those of the other lanes, whose requests may need
  // this one, then ends run().
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
  void notice(ServiceNotice notice) override { from_services(std::move(notice)); }
  void wake() override { loop_.wake(); }

  bool turn();
  void begin_stop();
  bool all_are_gone();
  template <typename Message>
  void put(Message message);
  template <typename Message>
  void from_services(Message message);

  EventLoop loop_;
  std::unique_ptr<WebServer> server_;
  std::unique_ptr<ClientTrace> trace_;  // null unless the log is traced
  std::unique_ptr<LaneCapture> capture_;
  std::unique_ptr<Lane> lane_;
  std::thread::id thread_;  // of run()
  std::atomic<std::size_t>& busy_;
  bool counted_ = true;  // among the busy ones
  bool stopping_ = false;
  LaneTables tables_;

  Handover<std::function<void(LaneFigures)>> take_figures_;
  Handover<std::shared_ptr<RunningCapture>> next_capture_;
};

}  // namespace resflow
