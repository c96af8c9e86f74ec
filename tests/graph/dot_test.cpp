// The picture of the wiring: what the registry prints is what was approved, and what runs.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "tests/graph/memory_ends.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

struct NoRouter final : Router {
  LaneBatch& batch_for(LaneId) noexcept override { return batch; }
  LaneBatch batch;
};

struct WiredLane {
  MemoryClients clients;
  MemoryServices services{1};
  MemoryLog log;
  NoRouter router;
  oneapi::tbb::flow::graph graph;
  Wiring wiring{graph, LaneOptions{}, clients, services.port(0), log, router};
};

// The stage is in the record, and each of its ports is there once.
template <typename S>
void check_recorded(const S& stage, const Registry& registry) {
  INFO(stage.name());
  CHECK(std::count_if(registry.nodes().begin(), registry.nodes().end(),
                      [&](const NodeInfo& n) { return n.name == stage.name(); }) == 1);
  for (const std::string_view port : S::kPortNames) {
    INFO(port);
    CHECK(std::count_if(registry.edges().begin(), registry.edges().end(), [&](const EdgeInfo& e) {
            return e.kind != EdgeKind::outside && e.from == stage.name() && e.port == port;
          }) == 1);
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("dot: the wiring is the approved one") {
  MemoryClients clients;
  MemoryServices services(1);
  MemoryLog log;
  const Lane lane(LaneOptions{}, clients, services.port(0), log, [] {});
  const auto approved = std::filesystem::path(RESFLOW_SOURCE_DIR) / "tests/graph/approved.dot";
  INFO(
      "The wiring has changed. If it should have, look at it (resflow --graph | dot -Tsvg) and renew the file: "
      "resflow --graph > tests/graph/approved.dot");
  CHECK(to_dot(lane.registry()) == read_file(approved));
}

TEST_CASE("dot: every stage that runs, and each of its ports, is recorded once") {
  const WiredLane lane;
  const Wiring& w = lane.wiring;
  check_recorded(w.parse, w.registry);
  check_recorded(w.session, w.registry);
  check_recorded(w.authorize, w.registry);
  check_recorded(w.encode, w.registry);
  check_recorded(w.write, w.registry);
  check_recorded(w.ask, w.registry);
  check_recorded(w.decode, w.registry);
  check_recorded(w.merge, w.registry);
  check_recorded(w.diff, w.registry);
}

TEST_CASE("dot: every node and edge of the record is printed") {
  const WiredLane lane;
  const Registry& registry = lane.wiring.registry;
  const std::string dot = to_dot(registry);
  for (const NodeInfo& n : registry.nodes()) {
    CHECK_THAT(dot, Contains("\"" + n.name + "\" [label=\"" + n.name));
    if (!n.job.empty()) CHECK_THAT(dot, Contains(n.job));
    if (!n.state.empty()) CHECK_THAT(dot, Contains("owns: " + n.state));
  }
  for (const EdgeInfo& e : registry.edges()) {
    CHECK_THAT(dot, Contains("\"" + e.from + "\" -> \"" + e.to + "\" [label=\"" + e.message + "\""));
  }
  CHECK(count(dot, " -> ") == registry.edges().size());
}

// Graphviz says what an arrow is in its title, and writes its label as text.
TEST_CASE("dot: the README's picture shows the wiring as it is") {
  const WiredLane lane;
  const std::string svg = read_file(std::filesystem::path(RESFLOW_SOURCE_DIR) / "graph/wiring.svg");
  INFO("The picture is out of date: resflow --graph | dot -Tsvg > graph/wiring.svg");
  for (const NodeInfo& n : lane.wiring.registry.nodes()) CHECK_THAT(svg, Contains(">" + n.name + "</text>"));
  for (const EdgeInfo& e : lane.wiring.registry.edges()) {
    CHECK_THAT(svg, Contains("<title>" + e.from + "&#45;&gt;" + e.to + "</title>"));
    CHECK_THAT(svg, Contains(">" + e.message + "</text>"));
  }
  CHECK(count(svg, "class=\"edge\"") == lane.wiring.registry.edges().size());
}
