// One lane (one of the gateway's parallel pipelines), together with its event loop and its server for clients. It puts
// what arrives from clients and services into the lane. After each iteration of the event loop in which something
// arrived, it has the lane take a turn: in a turn, the lane processes what has arrived.
//
// The main thread makes the LaneLoop. After that, all functions are called on the thread that calls run(), except those
// marked "any thread".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "io/capture/client_trace.hpp"
#include "io/capture/lane_capture.hpp"
#include "io/event_loop.hpp"
#include "io/nats/nats_client.hpp"
#include "io/operator/metrics_page.hpp"
#include "io/web/web_server.hpp"
#include "tools/gateway/handover.hpp"
#include "tools/gateway/lane_tables.hpp"

namespace resflow {

class LaneLoop final : private ClientSink, private ServiceSink {
 public:
  // `busy` is one counter for all lanes: how many lanes still have clients or accept new ones. The caller first sets it
  // to the number of all lanes.
  explicit LaneLoop(std::atomic<std::size_t>& busy) : busy_(busy) {}
  ~LaneLoop() override { close(); }
  LaneLoop(const LaneLoop&) = delete;
  LaneLoop& operator=(const LaneLoop&) = delete;

  EventLoop& loop() { return loop_; }
  ServiceSink& service_sink() { return *this; }

  // Makes the lane and listens for clients. Throws std::runtime_error if it cannot listen.
  void open(const LaneOptions& options, const WebServerOptions& clients, ServicePort& services, LogPort& log);
  Lane& lane() { return *lane_; }
  std::uint16_t port() const { return server_->port(); }

  // Starts to record the lane's traffic into `capture`, or ends the recording if `capture` is null. The main thread
  // calls this before run() to record from the beginning.
  void capture(std::shared_ptr<RunningCapture> capture);
  // Any thread: asks to record the lane's traffic into `capture`, or to end the recording if `capture` is null. This
  // takes effect just before the lane next processes messages.
  void change_capture(std::shared_ptr<RunningCapture> capture) {
    next_capture_.put(std::move(capture));
    loop_.wake();
  }

  // Runs the event loop on this thread. After stop() was called, returns when the clients of all lanes are gone, but at
  // most kShutdownMs later.
  void run();

  // Any thread: asks for a copy of the lane's counters. The lane soon calls `take` with the copy, on the lane's thread.
  // If another call of copy_figures() comes before that, the earlier `take` is dropped.
  void copy_figures(std::function<void(LaneFigures)> take) {
    take_figures_.put(std::move(take));
    loop_.wake();
  }

  // Any thread: collects the rows that this lane has for a table of the admin page. When all rows are collected, the
  // lane calls `take` with them on its own thread.
  void collect_rows(const AdminQuery& query, std::function<void(AdminRows)> take) {
    tables_.collect(query, std::move(take));
    loop_.wake();
  }

  // Any thread: begins to stop this lane, by closing the connections of its clients. run() returns when the clients of
  // all lanes are gone, or after kShutdownMs. Until then the lane keeps working, because requests from clients of other
  // lanes may need it.
  void stop() { loop_.call(); }

  // Destroys the lane and its server. Called once, after run() has ended in every lane.
  void close();

 private:
  static constexpr std::uint64_t kShutdownMs = 3'000;  // the most time that run() takes to end after stop()

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
  std::unique_ptr<ClientTrace> trace_;  // logs the messages of clients; null unless the log level is trace
  std::unique_ptr<LaneCapture> capture_;
  std::unique_ptr<Lane> lane_;
  std::thread::id thread_;          // the thread that called run()
  std::atomic<std::size_t>& busy_;  // how many lanes still have clients or accept new ones; shared by all lanes
  bool counted_ = true;             // busy_ includes this lane
  bool stopping_ = false;
  LaneTables tables_;

  Handover<std::function<void(LaneFigures)>> take_figures_;
  Handover<std::shared_ptr<RunningCapture>> next_capture_;
};

}  // namespace resflow
