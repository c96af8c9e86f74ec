// The state of one client and of one cached resource, as the nodes that own it report it to an operator.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

// Returns the cached resources of all lanes, by name.
std::map<std::string, ResourceState> resources(World& world) {
  std::map<std::string, ResourceState> all;
  for (std::size_t i = 0; i < world.lane_count(); ++i) {
    for (const ResourceId id : world.lane(i).some_resources(100)) {
      const auto state = world.lane(i).resource_state(id);
      REQUIRE(state);
      all.emplace(state->rid, *state);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("look: a client's subscriptions, and what the cache has") {
  const auto lanes = GENERATE(1u, 3u);
  World world(lanes);
  world.model("test.parent", R"({"child":{"rid":"test.list"},"n":1})");
  world.collection("test.list", "[1,2,3]");
  TestClient client(world);
  TestClient other(world, lanes - 1, 1);
  client.ask("version", R"({"protocol":"1.2.3"})");
  client.ask("subscribe.test.parent");
  other.ask("subscribe.test.list");
  CHECK(world.lane(0).client_state(client.conn()).subscriptions == 2);
  CHECK(world.lane(lanes - 1).client_state(other.conn()).subscriptions == 1);
  CHECK(world.lane(0).client_state(client.conn()).outbox_frames == 0);
  CHECK(world.lane(0).client_state(ConnId{7, 1, 0}).subscriptions == 0);
  CHECK(world.lane(0).client_state(ConnId{0, 99, 0}).subscriptions == 0);

  const auto all = resources(world);
  REQUIRE(all.size() == 2);
  CHECK(all.at("test.parent").kind == ResourceState::Kind::model);
  CHECK(all.at("test.parent").size == 2);
  CHECK(all.at("test.parent").subscribers == 1);
  CHECK(all.at("test.list").kind == ResourceState::Kind::collection);
  CHECK(all.at("test.list").size == 3);
  CHECK(all.at("test.list").subscribers == 2);
}

TEST_CASE("look: a resource that is not here yet, and one that is not there any more") {
  World world;
  world.hold("get.test.model");
  TestClient client(world);
  client.request("subscribe.test.model");
  world.settle();
  CHECK(resources(world).at("test.model").kind == ResourceState::Kind::loading);
  CHECK(resources(world).at("test.model").subscribers == 1);
  CHECK(world.lane(0).some_resources(0).empty());
  CHECK(!world.lane(0).resource_state(12'345));
}
