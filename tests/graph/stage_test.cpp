// A node in the flow graph: the order and ownership of messages, and what happens on an exception.
#include "graph/stage.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/graph/memory_ends.hpp"

namespace {

struct Numbers {
  std::vector<int> next;
};

struct Nothing {};

}  // namespace

namespace resflow {

template <>
struct Outputs<Numbers> : OutputList<&Numbers::next> {};
template <>
struct Outputs<Nothing> {
  static constexpr std::array<std::string_view, 0> names{};
  static auto tie(Nothing&) { return std::tie(); }
};

}  // namespace resflow

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

// Sends each number on twice. A negative number makes it throw after the first output.
struct Doubling {
  void process(int&& n, Numbers& out) {
    out.next.push_back(n);
    if (n < 0) throw std::runtime_error("a negative number");
    out.next.push_back(n);
  }
};

struct Collecting {
  void process(int&& n, Nothing&) { got.push_back(n); }
  std::vector<int> got;
};

struct TwoStages {
  oneapi::tbb::flow::graph graph;
  Registry registry;
  MemoryLog log;
  Doubling doubling;
  Collecting collecting;
  Stage<Doubling, int, Numbers> first{graph, registry, {"first", "", "", ""}, doubling, log};
  Stage<Collecting, int, Nothing> second{graph, registry, {"second", "", "", ""}, collecting, log};
};

}  // namespace

TEST_CASE("stage: a put has run to its end when it returns, in order") {
  TwoStages s;
  connect<&Numbers::next>(s.registry, s.first, s.second, "number");
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) {
    s.first.put(int{i});
    expected.insert(expected.end(), {i, i});
    REQUIRE(s.collecting.got == expected);
  }
  CHECK(s.first.messages() == 100);
  CHECK(s.second.messages() == 200);
  s.graph.wait_for_all();
}

TEST_CASE("stage: a batch goes through in order, and what it brings about leaves together") {
  TwoStages s;
  connect<&Numbers::next>(s.registry, s.first, s.second, "number");
  std::vector<int> batch;
  std::vector<int> expected;
  for (int i = 0; i < 1'000; ++i) {
    batch.push_back(i);
    expected.insert(expected.end(), {i, i});
  }
  batch[500] = -1;  // the node throws after the first output for this message
  expected[1'000] = -1;
  expected.erase(expected.begin() + 1'001);
  s.first.put(batch);
  CHECK(s.collecting.got == expected);
  CHECK(s.first.messages() == 1'000);
  CHECK(s.first.failures() == 1);
  CHECK(s.second.messages() == 1'999);
}

TEST_CASE("stage: an exception is logged with the node's name and counted, and the graph goes on") {
  TwoStages s;
  connect<&Numbers::next>(s.registry, s.first, s.second, "number");
  s.first.put(1);
  s.first.put(-2);
  s.first.put(3);
  s.graph.wait_for_all();
  CHECK(s.first.failures() == 1);
  CHECK(s.second.failures() == 0);
  REQUIRE(s.log.errors().size() == 1);
  CHECK_THAT(s.log.errors()[0], Contains("first") && Contains("a negative number"));
  CHECK(s.collecting.got == std::vector<int>{1, 1, -2, 3, 3});
}

TEST_CASE("stage: what is connected is recorded, and wired once") {
  TwoStages s;
  connect<&Numbers::next>(s.registry, s.first, s.second, "number");
  REQUIRE(s.registry.edges().size() == 1);
  CHECK(s.registry.edges()[0].from == "first");
  CHECK(s.registry.edges()[0].output == "next");
  CHECK(s.registry.edges()[0].to == "second");
  CHECK(s.registry.edges()[0].message == "number");
  CHECK_THROWS_AS(connect<&Numbers::next>(s.registry, s.first, s.second, "again"), std::logic_error);
}

TEST_CASE("stage: a mailbox edge hands messages to its post, in order, those of a batch together") {
  TwoStages s;
  std::vector<int> posted;
  std::vector<std::size_t> sizes;
  QueuedEdge<int> edge(s.graph, [&](const std::vector<int>& messages) {
    posted.insert(posted.end(), messages.begin(), messages.end());
    sizes.push_back(messages.size());
  });
  connect<&Numbers::next>(s.registry, s.first, edge, "second", "number");
  CHECK(s.registry.edges().at(0).kind == EdgeKind::mailbox);
  s.first.put(4);
  s.first.put(5);
  CHECK(posted == std::vector<int>{4, 4, 5, 5});
  CHECK(sizes == std::vector<std::size_t>{2, 2});
  CHECK(s.collecting.got.empty());
}

namespace {

// Each message takes until the clock shows another time.
struct Waiting {
  void process(int&&, Nothing&) {
    for (const Nanos start = clock_now(); clock_now() == start;) continue;
  }
};

}  // namespace

TEST_CASE("stage: time is measured only when it is wanted, from a sample") {
  oneapi::tbb::flow::graph graph;
  Registry registry;
  MemoryLog log;
  ::Waiting waiting;
  Stage<::Waiting, int, Nothing> stage{graph, registry, {"waiting", "", "", ""}, waiting, log};
  for (int i = 0; i < 1'000; ++i) stage.put(1);
  CHECK(stage.seconds() == 0);
  stage.measure();
  stage.put(1);
  CHECK(stage.seconds() == 0);
  for (int i = 0; i < 1'000; ++i) stage.put(1);
  const double seconds = stage.seconds();
  CHECK(seconds > 0);
  for (int i = 0; i < 1'000; ++i) stage.put(1);
  CHECK(stage.seconds() > seconds);
  CHECK(stage.messages() == 3'001);
}
