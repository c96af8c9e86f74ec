// The picture of the wiring that the registry prints. It must be the same as the approved picture and as the wiring
// that runs.
#include <boost/algorithm/string/replace.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graph/dot.hpp"
#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "tests/graph/memory_ends.hpp"
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

struct NoRouter final : Router {
  LaneBatch& batch_for(LaneId) noexcept override { return batch; }
  LaneBatch& later() noexcept override { return batch; }
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

// Checks that the stage is in the registry once, and that each of its outputs has exactly one edge there.
template <typename S>
void check_recorded(const S& stage, const Registry& registry) {
  INFO(stage.name());
  CHECK(std::count_if(registry.nodes().begin(), registry.nodes().end(),
                      [&](const NodeInfo& n) { return n.name == stage.name(); }) == 1);
  for (const std::string_view output : S::kOutputNames) {
    INFO(output);
    CHECK(std::count_if(registry.edges().begin(), registry.edges().end(), [&](const EdgeInfo& e) {
            return e.kind != EdgeKind::outside && e.from == stage.name() && e.output == output;
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
      "The wiring has changed. If it should have, look at it (resflow-dot | dot -Tsvg) and renew the file: "
      "resflow-dot > tests/graph/approved.dot");
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
  check_recorded(w.cache, w.registry);
  check_recorded(w.diff, w.registry);
}

TEST_CASE("dot: every node and edge of the record is printed") {
  const WiredLane lane;
  const Registry& registry = lane.wiring.registry;
  const std::string dot = to_dot(registry);
  for (const NodeInfo& n : registry.nodes()) {
    CHECK_THAT(dot, Contains("\"" + n.name + "\" [id=\"node-" + n.name + "\", label=<<b>" + n.name + "</b>"));
    if (!n.job.empty()) CHECK_THAT(dot, Contains(n.job));
    if (!n.state.empty()) CHECK_THAT(dot, Contains("owns: " + n.state));
    if (n.side != kOutside) CHECK(n.policy == "serial, lightweight");
  }
  for (const EdgeInfo& e : registry.edges()) {
    INFO(e.from << '.' << e.output << " -> " << e.to);
    const std::string to = registry.find(e.to)->side == kOutside ? "to " + e.to : e.to;
    CHECK_THAT(dot, Contains("\"" + e.from + "\" -> \"" + to + "\" [id=\"edge-" + e.from + "-" + e.output + "-"));
    CHECK_THAT(dot, Contains(e.message));
  }
  CHECK(count(dot, " -> ") == registry.edges().size());
  for (const Tour& tour : registry.tours()) {
    CHECK_THAT(dot, Contains(tour.title));
    for (const Step& step : tour.steps) CHECK_THAT(dot, Contains(step.what));
  }
}

TEST_CASE("dot: of several lanes each is drawn, with the mailboxes between them") {
  const WiredLane lane;
  const Registry& registry = lane.wiring.registry;
  const std::string dot = to_dot(registry, {3, {}, {}});
  for (const NodeInfo& n : registry.nodes()) {
    if (n.side == kOutside) continue;
    for (const char* number : {"0", "1", "2"}) CHECK_THAT(dot, Contains("id=\"node-" + n.name + "-" + number + "\""));
  }
  for (const EdgeInfo& e : registry.edges()) {
    const auto arrow = [&](const char* from, const char* to) {
      return "\"" + e.from + " " + from + "\" -> \"" + e.to + " " + to + "\" [id=";
    };
    if (e.kind == EdgeKind::outside) continue;
    CHECK_THAT(dot, Contains(arrow("1", "1")));
    CHECK((dot.find(arrow("2", "0")) != std::string::npos) == (e.kind == EdgeKind::mailbox));
  }
}

TEST_CASE("dot: what nodes do is drawn at them") {
  const WiredLane lane;
  const auto load = [](std::string_view node, std::size_t) -> std::optional<NodeLoad> {
    if (node == "cache") return NodeLoad{12'345, 0.5, 7, 0};
    if (node == "diff") return NodeLoad{1.5, 1, 1, 2};
    return std::nullopt;
  };
  const std::string dot = to_dot(lane.wiring.registry, {1, load, {}});
  CHECK_THAT(dot, Contains("12,345/s, 50.0 % of the time, 7 wait<") && Contains("fillcolor=\"#ffd666\""));
  CHECK_THAT(dot, Contains("1.5/s, 100.0 % of the time, 1 waits, 2 lost<") && Contains("fillcolor=\"#f06141\""));
  CHECK(count(dot, " % of the time, ") == 2);
}

TEST_CASE("dot: what edges carry is drawn at them") {
  const WiredLane lane;
  const auto rate = [](const EdgeInfo& e, std::size_t number) -> std::optional<double> {
    if (e.from == "session" && e.to == "encode") return 1'234;
    if (e.from == "session" && e.to == "cache") return 5;
    if (e.from == "write") return 99 + static_cast<double>(number);
    if (e.from == "diff") return 0;
    return std::nullopt;
  };
  const std::string one = to_dot(lane.wiring.registry, {1, {}, rate});
  CHECK_THAT(one, Contains("<td>reply, event, web reply, accept<br/><b>1,234/s</b></td>") &&
                      Contains("style=solid, penwidth=4.09, "));
  CHECK_THAT(one, Contains("subscribe, unsubscribe<br/><b>5.0/s</b>") && Contains("style=bold, penwidth=4.00, "));
  CHECK_THAT(one, Contains("label=<edits<br/><b>0/s</b>>, style=dotted, penwidth=1.00, "));
  CHECK(count(one, "/s</b>") == 5);
  CHECK_THAT(one, Contains("messages a second"));

  const std::string two = to_dot(lane.wiring.registry, {2, {}, rate});
  CHECK_THAT(two, Contains("<b>99/s</b>") && Contains("<b>100/s</b>") && !Contains("<b>5.0/s</b>"));
  CHECK(count(two, "/s</b>") == 8);
}

// The registry describes the path of a client's subscribe. The message counts of the nodes must show that exactly the
// nodes of this path have taken part.
TEST_CASE("dot: a subscribe takes the way that is told") {
  World world;
  world.model("test.model", R"({"n":1})");
  const auto messages = [&] {
    std::map<std::string, std::uint64_t> counts;
    for (const NodeStatistics& n : world.lane(0).statistics().nodes) counts[n.name] = n.messages;
    return counts;
  };
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  const auto before = messages();
  client.ask("subscribe.test.model");
  auto after = messages();
  const Registry& registry = world.lane(0).registry();
  std::set<std::string> told;
  for (const Step& step : registry.tours().front().steps) told.insert(step.to);
  for (const auto& [node, count] : before) {
    INFO(node);
    CHECK((after[node] > count) == told.contains(node));
  }
}

// Graphviz writes ids and labels into the picture unchanged, except that it escapes hyphens.
TEST_CASE("dot: the README's picture shows the wiring as it is") {
  const WiredLane lane;
  std::string svg = read_file(std::filesystem::path(RESFLOW_SOURCE_DIR) / "graph/wiring.svg");
  boost::algorithm::replace_all(svg, "&#45;", "-");
  INFO("The picture is out of date: resflow-dot | dot -Tsvg > graph/wiring.svg");
  const Registry& registry = lane.wiring.registry;
  for (const NodeInfo& n : registry.nodes()) {
    CHECK_THAT(svg, Contains("<g id=\"node-" + n.name + "\""));
    CHECK_THAT(svg, Contains(">" + n.name + "</text>"));
    if (!n.job.empty()) CHECK_THAT(svg, Contains(">" + n.job + "</text>"));
    if (!n.state.empty()) CHECK_THAT(svg, Contains(">owns: " + n.state + "</text>"));
  }
  for (const EdgeInfo& e : registry.edges()) {
    const std::string to = registry.find(e.to)->side == kOutside ? "to-" + e.to : e.to;
    CHECK_THAT(svg, Contains("<g id=\"edge-" + e.from + "-" + e.output + "-" + to + "\""));
    CHECK_THAT(svg, Contains(">" + e.message + "</text>"));
  }
  CHECK(count(svg, "<g id=\"edge-") == registry.edges().size());
  for (const Tour& tour : registry.tours()) {
    for (const Step& step : tour.steps) CHECK_THAT(svg, Contains(step.what));
  }
}
