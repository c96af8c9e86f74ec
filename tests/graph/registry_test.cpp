// The registry of the wiring: what it refuses, and how it is printed.
#include "graph/registry.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "graph/dot.hpp"

using namespace resflow;
using Catch::Matchers::Contains;

namespace {

// Returns a registry with two nodes: "from" has the output "out", "to" has no output.
Registry two_nodes() {
  Registry registry;
  registry.add_node({"from", "client side", "sends", ""}, {"out"});
  registry.add_node({"to", "client side", "receives", "what it got"}, {});
  return registry;
}

EdgeInfo edge(std::string from, std::string output, std::string to, EdgeKind kind = EdgeKind::direct) {
  return EdgeInfo{std::move(from), std::move(output), std::move(to), "message", kind};
}

// Calls the function and returns the text of its std::logic_error, or an empty text if it throws none.
template <typename F>
std::string complaint(F&& f) {
  try {
    f();
  } catch (const std::logic_error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("registry: a complete wiring passes and is kept in order") {
  Registry registry = two_nodes();
  registry.add_edge(edge("from", "out", "to"));
  CHECK_NOTHROW(registry.check());
  REQUIRE(registry.nodes().size() == 2);
  CHECK(registry.nodes()[0].name == "from");
  CHECK(registry.nodes()[1].state == "what it got");
  REQUIRE(registry.edges().size() == 1);
  CHECK(registry.edges()[0].to == "to");
}

TEST_CASE("registry: an output that is wired twice is refused, with both ends") {
  const auto kind = GENERATE(EdgeKind::direct, EdgeKind::mailbox);
  Registry registry = two_nodes();
  registry.add_node({"other", "client side", "", ""}, {});
  registry.add_edge(edge("from", "out", "to"));
  const std::string text = complaint([&] { registry.add_edge(edge("from", "out", "other", kind)); });
  CHECK_THAT(text, Contains("from.out") && Contains("other"));
  CHECK(registry.edges().size() == 1);
}

TEST_CASE("registry: an output that the node does not have is refused, with both ends") {
  Registry registry = two_nodes();
  CHECK_THAT(complaint([&] { registry.add_edge(edge("from", "exit", "to")); }),
             Contains("from.exit") && Contains("to"));
  CHECK_THAT(complaint([&] { registry.add_edge(edge("to", "out", "from")); }), Contains("to.out") && Contains("from"));
  CHECK(registry.edges().empty());
}

TEST_CASE("registry: an output that leads nowhere is found by the check") {
  Registry registry = two_nodes();
  CHECK_THAT(complaint([&] { registry.check(); }), Contains("from.out"));
  // An edge to the outside does not count as the wiring of an output.
  registry.add_edge(edge("from", "out", "to", EdgeKind::outside));
  CHECK_THAT(complaint([&] { registry.check(); }), Contains("from.out"));
}

TEST_CASE("registry: every output counts") {
  Registry registry;
  registry.add_node({"from", "client side", "", ""}, {"first", "second"});
  registry.add_node({"to", "client side", "", ""}, {});
  registry.add_edge(edge("from", "second", "to"));
  CHECK_THAT(complaint([&] { registry.check(); }), Contains("from.first"));
  registry.add_edge(edge("from", "first", "to"));
  CHECK_NOTHROW(registry.check());
}

TEST_CASE("registry: an edge from or to an unknown node is refused, with both ends") {
  const auto kind = GENERATE(EdgeKind::direct, EdgeKind::mailbox, EdgeKind::outside);
  Registry registry = two_nodes();
  CHECK_THAT(complaint([&] { registry.add_edge(edge("from", "out", "nobody", kind)); }),
             Contains("from.out") && Contains("nobody"));
  CHECK_THAT(complaint([&] { registry.add_edge(edge("nobody", "out", "to", kind)); }),
             Contains("nobody.out") && Contains("to"));
  CHECK(registry.edges().empty());
}

TEST_CASE("registry: a name is given once") {
  Registry registry = two_nodes();
  CHECK_THAT(complaint([&] { registry.add_node({"from", "service side", "", ""}, {}); }), Contains("from"));
  CHECK(registry.nodes().size() == 2);
}

TEST_CASE("registry: a tour goes along edges, from where an earlier step has led") {
  Registry registry = two_nodes();
  registry.add_node({"world", "outside", "", ""}, {});
  registry.add_edge(edge("world", "in", "from", EdgeKind::outside));
  registry.add_edge(edge("from", "out", "to"));
  CHECK_THAT(complaint([&] {
               registry.add_tour({"Trip", {{"1", "world", "to", ""}}});
             }),
             Contains("Trip, 1: world -> to") && Contains("no edge"));
  CHECK_THAT(complaint([&] { registry.add_tour({"Trip", {{"1", "from", "to", ""}}}); }), Contains("nothing has led"));
  CHECK(registry.tours().empty());
  registry.add_tour({"Trip", {{"1", "world", "from", "goes in"}, {"2", "from", "to", "arrives"}}});
  REQUIRE(registry.tours().size() == 1);
  CHECK(registry.tours()[0].steps[1].what == "arrives");
}

TEST_CASE("registry: names and texts are quoted in DOT") {
  Registry registry;
  registry.add_node({R"(a"b)", R"(the <near> & "good" side)", R"(back\slash)", R"(a < b)"}, {"out"});
  registry.add_node({"world", "outside", "", ""}, {});
  registry.add_edge({R"(a"b)", "out", "world", R"("quoted" \ text)", EdgeKind::mailbox});
  const std::string dot = to_dot(registry);
  CHECK_THAT(dot, Contains(R"(label=<<b>the &lt;near&gt; &amp; "good" side</b>>)"));
  CHECK_THAT(dot, Contains(R"("a\"b" [id="node-a-b", label=<<b>a"b</b>)"));
  CHECK_THAT(dot, Contains(R"(>back\slash</font>)") && Contains("owns: a &lt; b<"));
  CHECK_THAT(dot, Contains(R"("a\"b" -> "to world" [id="edge-a-b-out-to-world", label="\"quoted\" \\ text")"));
}
