// WiringSamples: what two samples of the metrics say about the nodes.
#include "tools/dot/live_wiring.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

using namespace resflow;

namespace {

std::string metrics(const std::string& lane, int messages, double seconds, int waiting, int failures = 0) {
  const std::string labels = "{node=\"cache\",lane=\"" + lane + "\"} ";
  return "# TYPE resflow_node_messages counter\nresflow_node_messages_total" + labels + std::to_string(messages) +
         "\nresflow_node_seconds_total" + labels + std::to_string(seconds) + "\nresflow_node_queue_messages" + labels +
         std::to_string(waiting) + "\nresflow_node_failures_total" + labels + std::to_string(failures) +
         "\nother_total 3\n";
}

}  // namespace

TEST_CASE("live wiring: rates, shares and what waits, of a lane and of all") {
  const WiringSamples before(metrics("0", 100, 1, 0) + metrics("1", 0, 0, 0));
  const WiringSamples now(metrics("0", 300, 1.5, 4, 2) + metrics("1", 20, 0.1, 1) + "# EOF\n");
  CHECK(now.lanes() == 2);
  const auto one = now.since(before, 2, "cache", 0).value();
  CHECK(one.messages == Approx(100));
  CHECK(one.share == Approx(0.25));
  CHECK(one.waiting == 4);
  CHECK(one.failures == 2);
  const auto all = now.since(before, 2, "cache", std::nullopt).value();
  CHECK(all.messages == Approx(110));
  CHECK(all.share == Approx(0.15));
  CHECK(all.waiting == 5);
  CHECK(!now.since(before, 2, "elsewhere", std::nullopt));
  CHECK(!now.since(before, 2, "cache", 2));
}

TEST_CASE("live wiring: a gateway that was restarted counts anew") {
  const WiringSamples before(metrics("0", 1'000, 50, 0));
  const WiringSamples now(metrics("0", 10, 0.5, 0));
  CHECK(now.since(before, 1, "cache", 0)->messages == Approx(10));
  CHECK(now.since(before, 1, "cache", 0)->share == Approx(0.5));
}

TEST_CASE("live wiring: what an edge carries, in a lane and in all") {
  const auto edge = [](const std::string& to, const std::string& lane, int messages) {
    return "resflow_edge_messages_total{from=\"session\",port=\"out\",to=\"" + to + "\",lane=\"" + lane + "\"} " +
           std::to_string(messages) + '\n';
  };
  const std::string nodes = metrics("0", 1, 1, 0) + metrics("1", 1, 1, 0);
  const WiringSamples before(nodes + edge("encode", "0", 10) + edge("cache", "0", 500));
  const WiringSamples now(nodes + edge("encode", "0", 30) + edge("encode", "1", 8) + edge("cache", "0", 100));
  const auto rate = [&](const std::string& to, std::optional<std::size_t> lane) {
    return now.since(before, 2, EdgeInfo{"session", "out", to, "", EdgeKind::direct}, lane);
  };
  CHECK(rate("encode", 0) == Approx(10));
  CHECK(rate("encode", 1) == Approx(4));
  CHECK(rate("encode", std::nullopt) == Approx(14));
  CHECK(rate("cache", 0) == Approx(50));  // the counter is lower than before, so the gateway was restarted
  CHECK(!rate("cache", 1));
  CHECK(!rate("authorize", std::nullopt));
  CHECK(!now.since(before, 2, EdgeInfo{"session", "other", "encode", "", EdgeKind::direct}, 0));
}

TEST_CASE("live wiring: other answers are refused") {
  const auto text = GENERATE("", "<html>hello</html>", "go_goroutines 3\n",
                             "resflow_node_messages_total{node=\"cache\",lane=\"0\"} many\n",
                             "resflow_node_messages_total{node=\"cache\"} 3\n",
                             "resflow_edge_messages_total{from=\"a\",port=\"b\",to=\"c\",lane=\"0\"} 3\n");
  CHECK_THROWS_AS(WiringSamples(text), std::runtime_error);
}
