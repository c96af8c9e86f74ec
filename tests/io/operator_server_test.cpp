// OperatorServer over real sockets: metrics and health pages. Their source answers when the test says so.
#include "io/operator/operator_server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tests/io/websocket_client.hpp"

using namespace resflow;
using namespace resflow::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

class Source final : public MetricsSource {
 public:
  GatewayPhase phase() const override { return now; }
  void gather(std::function<void(GatewayFigures)> done) override {
    const std::lock_guard lock(mutex_);
    gatherings_.push_back(std::move(done));
    changed_.notify_all();
    if (at_once) gatherings_.back()({});
  }

  // Waits until the gathering with this number has begun, then answers it.
  void answer(std::size_t number) {
    GatewayFigures figures;
    figures.version = "gathering " + std::to_string(number);
    wait(number)(std::move(figures));
  }
  void await(std::size_t number) { wait(number); }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return gatherings_.size();
  }

  std::atomic<GatewayPhase> now = GatewayPhase::ready;
  std::atomic<bool> at_once = true;

 private:
  std::function<void(GatewayFigures)> wait(std::size_t number) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, kPatience, [&] { return gatherings_.size() > number; }));
    return gatherings_[number];
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void(GatewayFigures)>> gatherings_;
};

WebServerOptions any_port() {
  WebServerOptions options;
  options.addr = "127.0.0.1";
  options.port = 0;
  options.ws_path = "";
  return options;
}

struct Pages {
  explicit Pages(std::int64_t patience_ms = 60'000) : server(any_port(), source, {}, patience_ms) { server.start(); }

  Source source;
  OperatorServer server;
};

std::string request_for(const std::string& path, const std::string& method = "GET", const std::string& header = "") {
  return method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n";
}

std::string ask(const Pages& pages, const std::string& request) {
  Client client(pages.server.port());
  client.send(request);
  return client.read_all();
}

}  // namespace

TEST_CASE("Operator server: ready when clients are taken", "[operator_server]") {
  Pages pages;
  pages.source.now = GatewayPhase::starting;
  CHECK_THAT(ask(pages, request_for("/readyz")), StartsWith("HTTP/1.1 503 ") && EndsWith("\r\n\r\nstarting\n"));
  pages.source.now = GatewayPhase::ready;
  CHECK_THAT(ask(pages, request_for("/readyz")), StartsWith("HTTP/1.1 200 ") && EndsWith("\r\n\r\nok\n"));
  pages.source.now = GatewayPhase::stopping;
  CHECK_THAT(ask(pages, request_for("/readyz")), StartsWith("HTTP/1.1 503 ") && EndsWith("\r\n\r\nstopping\n"));
}

TEST_CASE("Operator server: well while lanes take turns, also when it stops", "[operator_server]") {
  Pages pages;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 200 ") && EndsWith("\r\n\r\nok\n"));
  pages.source.now = GatewayPhase::stopping;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 200 "));
  CHECK(pages.source.count() == 2);
}

TEST_CASE("Operator server: while it starts it is well, and there are no figures", "[operator_server]") {
  Pages pages;
  pages.source.now = GatewayPhase::starting;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(ask(pages, request_for("/metrics")), StartsWith("HTTP/1.1 503 "));
  CHECK(pages.source.count() == 0);
}

TEST_CASE("Operator server: a lane that takes no turn is told of, and the server goes on", "[operator_server]") {
  Pages pages(1);
  pages.source.at_once = false;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 503 ") && Contains("a lane takes no turn"));
  CHECK_THAT(ask(pages, request_for("/metrics")), StartsWith("HTTP/1.1 503 ") && Contains("a lane takes no turn"));
  pages.source.answer(0);  // too late: the server has answered already
  pages.source.at_once = true;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("Operator server: the metrics, as OpenMetrics or as classic text", "[operator_server]") {
  Pages pages;
  CHECK_THAT(ask(pages, request_for("/metrics")),
             StartsWith("HTTP/1.1 200 ") &&
                 Contains("\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n") &&
                 Contains("\nresgate_info{") && EndsWith("\n# EOF\n"));
  CHECK_THAT(ask(pages, request_for("/metrics?a=b", "GET", "Accept: text/plain\r\n")),
             StartsWith("HTTP/1.1 200 ") &&
                 Contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n") &&
                 Contains("\nresgate_info{") && !Contains("# EOF"));
}

TEST_CASE("Operator server: HEAD has no body", "[operator_server]") {
  Pages pages;
  const std::string response = ask(pages, request_for("/metrics", "HEAD"));
  CHECK_THAT(response, StartsWith("HTTP/1.1 200 ") && Contains("\r\nContent-Length: ") && EndsWith("\r\n\r\n"));
}

TEST_CASE("Operator server: other paths are not found, other methods not allowed", "[operator_server]") {
  Pages pages;
  for (const std::string path : {"/", "/metrics/", "/metricsx", "/healthz/a", "*"}) {
    CHECK_THAT(ask(pages, request_for(path)), StartsWith("HTTP/1.1 404 "));
  }
  for (const std::string path : {"/metrics", "/healthz", "/readyz"}) {
    CHECK_THAT(ask(pages, request_for(path, "POST")),
               StartsWith("HTTP/1.1 405 ") && Contains("\r\nAllow: GET, HEAD\r\n"));
  }
  Client websocket(pages.server.port());
  websocket.send(Client::handshake_request("/metrics"));
  CHECK_THAT(websocket.read_head(), StartsWith("HTTP/1.1 200 "));  // a server may ignore the request to upgrade
}

TEST_CASE("Operator server: figures are not older than the request, and lanes are asked once for many",
          "[operator_server]") {
  Pages pages;
  pages.source.at_once = false;
  Client first(pages.server.port());
  first.send(request_for("/metrics"));
  pages.source.await(0);
  std::vector<Client> later;
  for (int i = 0; i < 3; ++i) {
    later.emplace_back(pages.server.port());
    later.back().send(request_for("/metrics"));
  }
  // This request came last. When it is answered, the others have been read, too.
  CHECK_THAT(ask(pages, request_for("/readyz")), StartsWith("HTTP/1.1 200 "));
  pages.source.answer(0);
  CHECK_THAT(first.read_all(), Contains("gathering 0"));
  pages.source.answer(1);
  for (Client& client : later) CHECK_THAT(client.read_all(), Contains("gathering 1"));
  CHECK(pages.source.count() == 2);
}

TEST_CASE("Operator server: who has gone is not missed", "[operator_server]") {
  Pages pages;
  pages.source.at_once = false;
  Client gone(pages.server.port());
  gone.send(request_for("/metrics"));
  pages.source.await(0);
  gone.reset();
  pages.source.answer(0);
  pages.source.at_once = true;
  CHECK_THAT(ask(pages, request_for("/healthz")), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("Operator server: it ends while somebody waits for figures", "[operator_server]") {
  Source source;
  source.at_once = false;
  auto server = std::make_unique<OperatorServer>(any_port(), source);
  server->start();
  Client client(server->port());
  client.send(request_for("/metrics"));
  source.await(0);
  server = nullptr;
  CHECK(client.at_end());
}

TEST_CASE("Operator server: a port that is taken is an error that says so", "[operator_server]") {
  Pages pages;
  WebServerOptions options = any_port();
  options.port = pages.server.port();
  CHECK_THROWS_WITH(OperatorServer(options, pages.source), Contains(std::to_string(options.port)));
}
