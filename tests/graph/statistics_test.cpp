// The statistics of lanes: requests, nodes and edges.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

LaneOptions measured() {
  LaneOptions options;
  options.measure = true;
  return options;
}

std::uint64_t answered(World& world, RequestKind kind) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < world.lane_count(); ++i) count += world.lane(i).statistics().requests[kind].count();
  return count;
}

// Makes the client send one request of each kind.
void ask_all(World& world, TestClient& client) {
  world.model("test.m", R"({"a":1})");
  world.answer("call.test.m.do", R"({"result":1})");
  world.answer("auth.test.m.in", R"({"result":null})");
  world.answer("call.test.m.new", R"({"resource":{"rid":"test.m"}})");
  client.ask("version", R"({"protocol":"1.2.3"})");
  client.ask("subscribe.test.m");
  client.ask("get.test.m");
  client.ask("call.test.m.do");
  client.ask("auth.test.m.in");
  client.ask("new.test.m");
  client.ask("unsubscribe.test.m");
  client.ask("nothing");
}

void ask_web(World& world, std::uint32_t slot) {
  WebRequest request;
  request.conn = ConnId{slot, 1, 0};
  request.info = testing::client_info("web", "/api/test/m");
  request.method = "GET";
  world.put(0, ParseIn(std::move(request)));
  world.settle();
}

}  // namespace

TEST_CASE("statistics: each request is measured once, when it is answered") {
  for (const std::size_t lanes : {1U, 2U}) {
    World world(lanes, measured());
    TestClient client(world);
    ask_all(world, client);
    ask_web(world, 5);
    for (const RequestKind kind :
         {RequestKind::version, RequestKind::subscribe, RequestKind::get, RequestKind::call, RequestKind::auth,
          RequestKind::create, RequestKind::unsubscribe, RequestKind::invalid, RequestKind::web}) {
      INFO(static_cast<int>(kind) << " of " << lanes);
      CHECK(answered(world, kind) == 1);
    }
    world.hold("get.test.slow");
    client.request("subscribe.test.slow");
    world.settle();
    CHECK(answered(world, RequestKind::subscribe) == 1);
    REQUIRE(world.held.size() == 1);
    world.reply(world.held[0], R"({"result":{"model":{}}})");
    world.settle();
    CHECK(answered(world, RequestKind::subscribe) == 2);
  }
}

TEST_CASE("statistics: without measuring requests are counted, not timed") {
  World world;
  TestClient client(world);
  ask_all(world, client);
  const LaneStatistics s = world.lane(0).statistics();
  CHECK(s.parse.requests[RequestKind::call] == 1);
  CHECK(s.ask.ended[ServiceRequestKind::call][ServiceRequestEnd::reply] == 2);
  CHECK(s.ask.durations[ServiceRequestKind::call].count() == 0);
  CHECK(answered(world, RequestKind::call) == 0);
  for (const NodeStatistics& node : s.nodes) CHECK(node.seconds == 0);
}

TEST_CASE("statistics: every node of the wiring is told of, with what it has taken") {
  World world(1, measured());
  TestClient client(world);
  ask_all(world, client);
  const LaneStatistics s = world.lane(0).statistics();
  std::vector<std::string> told;
  for (const NodeStatistics& node : s.nodes) {
    INFO(node.name);
    told.push_back(node.name);
    if (node.name != "diff") CHECK(node.messages > 0);
    CHECK(node.failures == 0);
    CHECK(node.waiting == 0);
  }
  std::vector<std::string> wired;
  for (const NodeInfo& node : world.lane(0).registry().nodes()) {
    if (node.side != "outside") wired.push_back(node.name);
  }
  std::sort(told.begin(), told.end());
  std::sort(wired.begin(), wired.end());
  CHECK(told == wired);
}

// A node takes exactly the messages that its incoming edges carry. Only write takes more: it is also told of the end of
// each turn.
TEST_CASE("statistics: every edge of the wiring is told of, with what it has carried") {
  const std::size_t lanes = GENERATE(1U, 2U);
  World world(lanes, measured());
  TestClient client(world);
  ask_all(world, client);
  ask_web(world, 5);
  world.model("test.n", R"({"a":1})");
  client.ask("subscribe.test.n");
  world.publish("event.test.n.change", R"({"values":{"a":2}})");
  world.publish("system.reset", R"({"resources":["test.>"]})");
  world.put(0, WriteIn(Writable{client.conn()}));
  world.settle();
  std::map<std::string, std::uint64_t> taken;
  std::map<std::string, std::uint64_t> carried;
  for (std::size_t i = 0; i < lanes; ++i) {
    const LaneStatistics s = world.lane(i).statistics();
    REQUIRE(s.edges.size() == world.lane(i).registry().edges().size());
    for (const NodeStatistics& node : s.nodes) taken[node.name] += node.messages;
    for (std::size_t e = 0; e < s.edges.size(); ++e) {
      CHECK(s.edges[e].from == world.lane(i).registry().edges()[e].from);
      CHECK(s.edges[e].output == world.lane(i).registry().edges()[e].output);
      CHECK(s.edges[e].to == world.lane(i).registry().edges()[e].to);
      carried[s.edges[e].to] += s.edges[e].messages;
      carried[s.edges[e].from + " to " + s.edges[e].to] += s.edges[e].messages;
    }
  }
  for (const auto& [node, messages] : taken) {
    INFO(node << " of " << lanes);
    CHECK((node == "write" ? messages > carried[node] : messages == carried[node]));
  }
  CHECK(carried["clients to parse"] == 11);  // the connect, nine requests, and an HTTP request
  CHECK(carried["clients to write"] == 1);
  CHECK(carried["services to decode"] >= 2);
  CHECK(carried["services to ask"] > 5);
  CHECK(carried["ask to services"] > carried["services to ask"]);  // subscriptions are counted in this direction, too
  CHECK(carried["write to clients"] >= 11);
}

TEST_CASE("statistics: what waits for a node is counted before it is taken") {
  World world;
  const auto waiting = [&](const std::string& name) {
    for (const NodeStatistics& node : world.lane(0).statistics().nodes) {
      if (node.name == name) return node.waiting;
    }
    return std::size_t{1'000};
  };
  TestClient client(world);
  client.request("version");
  client.request("version");
  world.lane(0).post(ServiceMessage{0, "system.reset", "{}"});
  CHECK(waiting("parse") == 2);
  CHECK(waiting("decode") == 1);
  CHECK(waiting("cache") == 0);
  world.settle();
  CHECK(waiting("parse") == 0);
  CHECK(waiting("decode") == 0);
}

TEST_CASE("statistics: events are counted where they come and where they go") {
  World world(2);
  world.model("test.m", R"({"a":1})");
  TestClient first(world, 0);
  TestClient second(world, 1);
  first.ask("subscribe.test.m");
  second.ask("subscribe.test.m");
  world.publish("event.test.m.change", R"({"values":{"a":2}})");
  world.settle();
  world.publish("event.test.m.change", R"({"values":{"a":2}})");
  world.publish("event.test.m.change", "[");
  world.settle();
  LaneStatistics sum;
  for (std::size_t i = 0; i < 2; ++i) {
    const LaneStatistics s = world.lane(i).statistics();
    CHECK(s.lane == i);
    sum.cache.events += s.cache.events;
    sum.cache.dropped += s.cache.dropped;
    sum.cache.subscriptions += s.cache.subscriptions;
    sum.encode.events_delivered += s.encode.events_delivered;
    sum.malformed_messages += s.malformed_messages;
    sum.cached_names += s.cached_names;
  }
  CHECK(sum.cache.events == 2);
  CHECK(sum.cache.dropped[EventDrop::unchanged] == 1);
  CHECK(sum.cache.subscriptions == 2);
  CHECK(sum.encode.events_delivered == 2);
  CHECK(sum.malformed_messages == 1);
  CHECK(sum.cached_names == 1);
}
