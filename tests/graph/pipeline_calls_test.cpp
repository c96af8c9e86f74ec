// The whole pipeline with its ends in memory: calls, tokens, and the order of what services send.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

// Runs the test with several numbers of lanes. With more than one lane, messages that belong together come from
// different lanes.
std::size_t lane_counts() {
  return GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
}

Json text(const std::string& value) {
  return Json(value.c_str());
}

}  // namespace

TEST_CASE("pipeline: a change event before the reply of its call arrives before it") {
  World world(lane_counts());
  world.model("test.counter", R"({"n":0})");
  int n = 0;
  world.on("call.test.counter.add", [&](const MemoryRequest& r) {
    CHECK(json_of(r.payload).at("params") == R"({"by":1})"_json);
    world.publish("event.test.counter.change", R"({"values":{"n":)" + std::to_string(++n) + "}}");
    world.reply(r, R"({"result":{"n":)" + std::to_string(n) + "}}");
  });
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  client.ask("subscribe.test.counter");
  client.skip_news();
  for (int i = 1; i <= 3; ++i) client.request("call.test.counter.add", R"({"by":1})");
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 6);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(news[2 * i].at("data").at("values").at("n") == i + 1);
    CHECK(news[2 * i + 1].at("result").at("payload").at("n") == i + 1);
  }
}

TEST_CASE("pipeline: what a client subscribes to while events come has no gap and nothing twice") {
  World world(lane_counts());
  world.hold("get.test.list");
  TestClient client(world, 0);
  const auto asked = client.request("subscribe.test.list");
  world.settle();
  // The state that the service is about to send already contains this value.
  world.publish("event.test.list.add", R"({"idx":0,"value":1})");
  world.reply(world.held.at(0), R"({"result":{"collection":[1]}})");
  world.publish("event.test.list.add", R"({"idx":1,"value":2})");
  world.publish("event.test.list.add", R"({"idx":2,"value":3})");
  world.settle();
  CHECK(client.answer_to(asked).at("result").at("collections").at("test.list") == "[1]"_json);
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 3);
  CHECK(news[1].at("data") == R"({"idx":1,"value":2})"_json);
  CHECK(news[2].at("data") == R"({"idx":2,"value":3})"_json);
}

TEST_CASE("pipeline: a call may name a resource, which is then subscribed") {
  World world(lane_counts());
  world.model("test.new", R"({"n":1})");
  world.answer("call.test.make", R"({"resource":{"rid":"test.new"}})");
  world.answer("call.test.things.make", R"({"resource":{"rid":"test.new"}})");
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  CHECK(client.ask("call.test.things.make") == R"({"result":{"rid":"test.new","models":{"test.new":{"n":1}}}})"_json);
  client.skip_news();
  world.publish("event.test.new.change", R"({"values":{"n":2}})");
  world.settle();
  CHECK(client.news().size() == 1);
  CHECK_FALSE(client.ask("unsubscribe.test.new").as_object().contains("error"));
}

TEST_CASE("pipeline: the errors of calls") {
  World world;
  world.answer("call.test.thing.fail", R"({"error":{"code":"test.failed","message":"It failed","data":{"why":[1]}}})");
  world.answer("call.test.thing.nonsense", "nonsense!");
  TestClient client(world);
  CHECK(client.ask("call.test.thing.fail") ==
        R"({"error":{"code":"test.failed","message":"It failed","data":{"why":[1]}}})"_json);
  CHECK(client.ask("call.test.thing.none").at("error").at("code") == "system.notFound");
  CHECK(client.ask("call.test.thing.fail?").at("error").at("code") == "system.invalidRequest");
}

TEST_CASE("pipeline: a token event before the reply of its auth request counts for what follows it") {
  World world(lane_counts());
  world.model("test.mine", "{}");
  world.on("access.test.mine", [&](const MemoryRequest& r) {
    const Json payload = json_of(r.payload);
    const bool known = payload.as_object().contains("token") && payload.at("token").is_object();
    world.reply(r, known ? R"({"result":{"get":true}})" : R"({"result":{"get":false}})");
  });
  world.on("auth.test.login", [&](const MemoryRequest& r) {
    const std::string cid(json_of(r.payload).at("cid").as_string());
    world.publish("conn." + cid + ".token", R"({"token":{"user":"ann"}})");
    world.reply(r, R"({"result":"welcome"})");
  });
  world.on("auth.test.logout", [&](const MemoryRequest& r) {
    const std::string cid(json_of(r.payload).at("cid").as_string());
    world.publish("conn." + cid + ".token", R"({"token":null})");
    world.reply(r, R"({"result":null})");
  });
  TestClient ann(world, 0);
  TestClient bob(world, world.lane_count() - 1, 1);
  for (TestClient* client : {&ann, &bob}) client->ask("version", R"({"protocol":"1.2.3"})");
  CHECK(ann.ask("subscribe.test.mine").at("error").at("code") == "system.accessDenied");
  CHECK(ann.ask("auth.test.login") == R"({"result":{"payload":"welcome"}})"_json);
  CHECK(ann.ask("subscribe.test.mine") == R"({"result":{"models":{"test.mine":{}}}})"_json);
  CHECK(bob.ask("subscribe.test.mine").at("error").at("code") == "system.accessDenied");
  ann.skip_news();
  CHECK(ann.ask("auth.test.logout") == R"({"result":{"payload":null}})"_json);
  const std::vector<Json> news = ann.news();
  REQUIRE(news.size() == 2);
  CHECK(std::count_if(news.begin(), news.end(), [](const Json& m) {
          return m.as_object().contains("event") && m.at("event") == "test.mine.unsubscribe" &&
                 m.at("data").at("reason").at("code") == "system.accessDenied";
        }) == 1);
}

TEST_CASE("pipeline: events wait for the verdict of a reaccess, and none is sent when it is denied") {
  World world(lane_counts());
  world.model("test.mine", R"({"n":0})");
  TestClient client(world, world.lane_count() - 1);
  client.ask("subscribe.test.mine");
  client.skip_news();
  world.hold("access.test.mine");
  world.publish("event.test.mine.change", R"({"values":{"n":1}})");
  world.publish("event.test.mine.reaccess", "");
  world.publish("event.test.mine.change", R"({"values":{"n":2}})");
  world.settle();
  CHECK(client.news().size() == 1);
  REQUIRE(world.held.size() == 1);
  world.reply(world.held[0], R"({"result":{"get":true}})");
  world.settle();
  CHECK(client.news() == std::vector<Json>{R"({"event":"test.mine.change","data":{"values":{"n":2}}})"_json});
  world.publish("event.test.mine.reaccess", "");
  world.publish("event.test.mine.change", R"({"values":{"n":3}})");
  world.settle();
  REQUIRE(world.held.size() == 2);
  world.reply(world.held[1], R"({"result":{"get":false}})");
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 1);
  CHECK(news[0].at("event") == "test.mine.unsubscribe");
}

TEST_CASE("pipeline: a resource id may have the connection id in it") {
  World world(lane_counts());
  TestClient client(world, 0, 0);
  TestClient other(world, world.lane_count() - 1, 1);
  for (TestClient* c : {&client, &other}) {
    world.model("test.user." + c->cid(), R"({"of":")" + c->cid() + R"("})");
    const Json models = c->ask("subscribe.test.user.{cid}").at("result").at("models");
    CHECK(models.at("test.user.{cid}").at("of") == text(c->cid()));
    c->skip_news();
  }
  world.publish("event.test.user." + client.cid() + ".change", R"({"values":{"n":1}})");
  world.settle();
  CHECK(client.news() == std::vector<Json>{R"({"event":"test.user.{cid}.change","data":{"values":{"n":1}}})"_json});
  CHECK(other.news().empty());
}

TEST_CASE("pipeline: a token reset asks for the tokens it names anew") {
  World world(lane_counts());
  TestClient ann(world, 0, 0);
  TestClient bob(world, world.lane_count() - 1, 1);
  world.publish("conn." + ann.cid() + ".token", R"({"token":{"user":"ann"},"tid":"a"})");
  world.publish("conn." + bob.cid() + ".token", R"({"token":{"user":"bob"},"tid":"b"})");
  world.settle();
  world.hold("auth.test.renew");
  world.publish("system.tokenReset", R"({"tids":["b","c"],"subject":"auth.test.renew"})");
  world.settle();
  REQUIRE(world.held.size() == 1);
  CHECK(json_of(world.held[0].payload).at("cid") == text(bob.cid()));
  CHECK(json_of(world.held[0].payload).at("token") == R"({"user":"bob"})"_json);
}
