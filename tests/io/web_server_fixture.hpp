// Helpers for the tests of WebServer: a server on a loop thread of its own, with a sink that echoes messages. A test
// calls the helpers on its own thread.
#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/web/web_server.hpp"
#include "nodes/protocol/websocket.hpp"
#include "tests/io/websocket_client.hpp"

namespace resflow::test {

inline WebServerOptions loopback() {
  WebServerOptions options;
  options.addr = "127.0.0.1";
  options.port = 0;
  return options;
}

// Echoes every message, with these exceptions: "close <code> <reason>" closes; "flood <n> <size>" sends n messages "<i>
// xxx"; "noise <n> <size>" does the same with text that compresses badly; "both" sends and closes; "throw" throws.
// Keeps refused frames until `writable`, as the node write does.
class EchoSink final : public ClientSink {
 public:
  void connected(Connected client) override {
    record([&] {
      if (!open_.emplace(client.conn, std::deque<Frame>()).second) ++faults;
      cids.emplace_back(client.info->cid());
      ids.push_back(client.conn);
      infos.push_back(std::move(client.info));
      if (client.kind == ClientKind::held) held.push_back(client.conn);
    });
  }

  // Echoes method, target and body. If the target ends in "later", the response is not sent; if it ends in "throw", the
  // sink throws; if it ends in "large", the body has kLarge bytes.
  void request(WebRequest request) override {
    const bool later = request.info->uri().ends_with("later");
    record([&] {
      if (!open_.emplace(request.conn, std::deque<Frame>()).second) ++faults;
      requests.push_back(request);
    });
    if (request.info->uri().ends_with("throw")) throw std::runtime_error("thrown by the sink");
    std::string body = request.method + ' ' + std::string(request.info->uri()) + ' ' + request.body;
    if (request.info->uri().ends_with("large")) body = std::string(kLarge, 'x');
    if (!later) respond(request.conn, {200, {{"X-Id", "1"}}, std::move(body)});
  }

  static constexpr std::size_t kLarge = 16 << 20;  // more than the buffers of a socket hold

  // Sends a response. After that, the id is no longer valid, as in the server.
  void respond(ConnId conn, const WebResponse& response) {
    record([&] { open_.erase(conn); });
    guarded([&] { server->respond(conn, response); });
  }

  void frame(ConnId conn, std::string text) override {
    if (text == "throw") throw std::runtime_error("thrown by the sink");
    if (text == "both") {
      push(conn, "last words");
      text = "close 4000 both";
    }
    if (text.starts_with("close ")) {
      const auto code = static_cast<std::uint16_t>(std::stoi(text.substr(6, 4)));
      return guarded([&] { server->close(conn, {code, text.substr(11)}); });
    }
    const bool noise = text.starts_with("noise ");
    if (!noise && !text.starts_with("flood ")) return push(conn, text);
    std::size_t rest = 0;
    const int n = std::stoi(text.substr(6), &rest);
    std::string padding(std::stoul(text.substr(6 + rest)), 'x');
    std::mt19937 random(1);
    for (char& c : padding) {
      if (noise) c = static_cast<char>('!' + random() % 90);
    }
    for (int i = 0; i < n; ++i) push(conn, std::to_string(i) + ' ' + padding);
  }

  void disconnected(ConnId conn) override {
    record([&] {
      if (open_.erase(conn) != 1 || in_server_) ++faults;
      ++disconnects;
    });
  }

  void writable(ConnId conn) override {
    record([&] { ++writables; });
    flush(conn);
  }

  // Waits until `condition` holds for the members below. Returns false if it does not hold in time.
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed_.wait_for(lock, kPatience, condition);
  }

  WebServer* server = nullptr;
  std::mutex mutex;  // protects the members below
  std::vector<std::string> cids;
  std::vector<ConnId> ids;
  std::vector<ClientInfoPtr> infos;
  std::vector<ConnId> held;
  std::vector<WebRequest> requests;
  int disconnects = 0;
  int writables = 0;
  int refused = 0;
  int faults = 0;  // cases in which the server broke a rule of ClientSink

 private:
  template <class Change>
  void record(Change change) {
    const std::lock_guard lock(mutex);
    change();
    changed_.notify_all();
  }

  template <class Call>
  void guarded(Call call) {
    in_server_ = true;
    call();
    in_server_ = false;
  }

  void push(ConnId conn, std::string_view text) {
    open_.at(conn).push_back(std::make_shared<const std::string>(resflow::frame(Opcode::text, text)));
    flush(conn);
  }

  void flush(ConnId conn) {
    std::deque<Frame>& outbox = open_.at(conn);
    if (outbox.empty()) return;
    const std::vector<Frame> frames(outbox.begin(), outbox.end());
    bool taken = false;
    guarded([&] { taken = server->send(conn, frames); });
    if (taken) return outbox.clear();
    record([&] { ++refused; });
  }

  std::condition_variable changed_;
  std::unordered_map<ConnId, std::deque<Frame>> open_;
  bool in_server_ = false;
};

class TestServer {
 public:
  explicit TestServer(WebServerOptions options = loopback()) {
    std::promise<void> ready;
    thread_ = std::thread([&] { run(options, ready); });
    ready.get_future().get();
  }

  // A clean end sends close frames to all clients and waits until the loop is empty. Otherwise the connections are cut
  // off.
  ~TestServer() {
    post([this] { stopping_ = true; });
    thread_.join();
    CHECK(loop_left_clean_);
    CHECK(sink.faults == 0);
  }

  // Runs the task on the loop thread, waits, and returns its result.
  template <class Task>
  auto call(Task task) -> decltype(task()) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    post([&] { packaged(); });
    return result.get();
  }

  bool wait_for_disconnects(int n) {
    return sink.wait([&] { return sink.disconnects == n; });
  }

  EchoSink sink;
  WebServer* server = nullptr;
  std::uint16_t port = 0;
  bool clean_end = true;

 private:
  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    uv_async_send(&wake_);
  }

  void run_tasks() {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (auto& task : tasks) task();
  }

  void run(const WebServerOptions& options, std::promise<void>& ready) {
    uv_loop_t loop;
    uv_loop_init(&loop);
    wake_.data = this;
    uv_async_init(&loop, &wake_, [](uv_async_t* async) { static_cast<TestServer*>(async->data)->run_tasks(); });
    {
      WebServer running(&loop, options, sink);
      server = sink.server = &running;
      port = running.port();
      ready.set_value();
      while (!stopping_) uv_run(&loop, UV_RUN_ONCE);
      if (clean_end) {
        running.stop_listening();
        running.close_all({close_code::kGoingAway, "shutting down"});
        while (running.connection_count() > 0) uv_run(&loop, UV_RUN_ONCE);
      }
    }
    uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
    loop_left_clean_ = uv_loop_close(&loop) == 0;
  }

  std::thread thread_;
  uv_async_t wake_{};
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  bool stopping_ = false;
  bool loop_left_clean_ = false;
};

}  // namespace resflow::test
