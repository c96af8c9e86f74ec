// The whole pipeline with its ends in memory: query resources, resets, timeouts, slow clients, and clients that
// disconnect in the middle of a request.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

TEST_CASE("pipeline: query resources with one normalized query are one") {
  World world;
  const std::string page = R"({"result":{"collection":[1,2,3],"query":"from=0&to=3"}})";
  world.answer("get.test.list?from=0&to=3", page);
  world.answer("get.test.list?to=3&from=0", page);
  TestClient client(world, 0, 0);
  TestClient other(world, 0, 1);
  CHECK(client.ask("subscribe.test.list?to=3&from=0").at("result").at("collections") ==
        R"({"test.list?to=3&from=0":[1,2,3]})"_json);
  other.ask("subscribe.test.list?from=0&to=3");
  client.skip_news();
  other.skip_news();
  world.answer("_query.1?from=0&to=3", R"({"result":{"events":[
    {"event":"remove","data":{"idx":2}},{"event":"add","data":{"idx":0,"value":0}}]}})");
  world.publish("event.test.list.query", R"({"subject":"_query.1"})");
  world.settle();
  CHECK(world.asked("_query.1?from=0&to=3") == 1);
  CHECK(client.news() == std::vector<Json>{R"({"event":"test.list?to=3&from=0.remove","data":{"idx":2}})"_json,
                                           R"({"event":"test.list?to=3&from=0.add","data":{"idx":0,"value":0}})"_json});
  CHECK(other.news().size() == 2);
  CHECK(client.ask("get.test.list?from=0&to=3").at("result").at("collections") ==
        R"({"test.list?from=0&to=3":[0,1,2]})"_json);
}

TEST_CASE("pipeline: a query reply may be the full state") {
  World world;
  world.answer("get.test.list?n=3", R"({"result":{"collection":[1,2,3],"query":"n=3"}})");
  TestClient client(world);
  client.ask("subscribe.test.list?n=3");
  client.skip_news();
  world.answer("_query.1?n=3", R"({"result":{"collection":[2,3,4]}})");
  world.publish("event.test.list.query", R"({"subject":"_query.1"})");
  world.settle();
  CHECK(client.news().size() == 2);
  CHECK(client.ask("get.test.list?n=3").as_object().contains("result"));
}

TEST_CASE("pipeline: a query event holds the events behind it") {
  World world;
  world.answer("get.test.list?n=3", R"({"result":{"collection":[1],"query":"n=3"}})");
  world.hold("_query.1?n=3");
  world.answer("_query.2?n=3", R"({"result":{"events":[{"event":"remove","data":{"idx":1}}]}})");
  TestClient client(world);
  client.ask("subscribe.test.list?n=3");
  client.skip_news();
  world.publish("event.test.list.query", R"({"subject":"_query.1"})");
  world.publish("event.test.list.query", R"({"subject":"_query.2"})");
  world.settle();
  CHECK(world.asked("_query.2?n=3") == 0);
  world.reply(world.held.at(0), R"({"result":{"events":[{"event":"add","data":{"idx":1,"value":2}}]}})");
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 2);
  CHECK(news[0].at("event") == "test.list?n=3.add");
  CHECK(news[1].at("event") == "test.list?n=3.remove");
}

TEST_CASE("pipeline: a reset becomes the least of events") {
  World world;
  world.model("test.a", R"({"n":1,"s":"x"})");
  world.collection("test.b", R"(["a","b","c","d"])");
  world.model("other.a", R"({"n":1})");
  TestClient client(world);
  for (const char* rid : {"test.a", "test.b", "other.a"}) client.ask("subscribe." + std::string(rid));
  client.skip_news();
  world.model("test.a", R"({"n":2,"s":"x"})");
  world.collection("test.b", R"(["a","c","d","e"])");
  world.model("other.a", R"({"n":9})");
  world.publish("system.reset", R"({"resources":["test.>"]})");
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 3);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"test.a.change","data":{"values":{"n":2}}})"_json) == 1);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"test.b.remove","data":{"idx":1}})"_json) == 1);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"test.b.add","data":{"idx":3,"value":"e"}})"_json) == 1);
  CHECK(world.asked("get.other.a") == 1);
}

TEST_CASE("pipeline: events between a reset and its state are dropped, those behind it are not") {
  World world;
  world.model("test.a", R"({"n":1})");
  TestClient client(world);
  client.ask("subscribe.test.a");
  client.skip_news();
  world.hold("get.test.a");
  world.publish("system.reset", R"({"resources":["test.a"]})");
  world.settle();
  world.publish("event.test.a.change", R"({"values":{"n":2}})");
  world.settle();
  CHECK(client.news().empty());
  world.reply(world.held.at(0), R"({"result":{"model":{"n":3}}})");
  world.publish("event.test.a.change", R"({"values":{"n":4}})");
  world.settle();
  CHECK(client.news() == std::vector<Json>{R"({"event":"test.a.change","data":{"values":{"n":3}}})"_json,
                                           R"({"event":"test.a.change","data":{"values":{"n":4}}})"_json});
}

TEST_CASE("pipeline: a reset of a resource that is gone deletes it") {
  World world;
  world.model("test.a", R"({"n":1})");
  TestClient client(world);
  client.ask("subscribe.test.a");
  client.skip_news();
  world.answer("get.test.a", R"({"error":{"code":"system.notFound","message":"Not found"}})");
  world.publish("system.reset", R"({"resources":["test.a"]})");
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE_FALSE(news.empty());
  CHECK(news[0].at("event") == "test.a.delete");
}

TEST_CASE("pipeline: a reset of access asks each client's anew") {
  World world;
  world.model("test.a", R"({"n":1})");
  TestClient client(world);
  client.ask("subscribe.test.a");
  client.skip_news();
  world.answer("access.test.a", R"({"result":{"get":false}})");
  world.publish("system.reset", R"({"access":["test.*"]})");
  world.settle();
  CHECK(client.news() == std::vector<Json>{R"({"event":"test.a.unsubscribe","data":{"reason":
      {"code":"system.accessDenied","message":"Access denied"}}})"_json});
}

TEST_CASE("pipeline: a request that is not answered ends with time") {
  World world;
  world.hold("get.test.a");
  world.hold("call.test.a.do");
  TestClient client(world);
  const auto subscribe = client.request("subscribe.test.a");
  const auto call = client.request("call.test.a.do");
  world.settle();
  CHECK(world.lane(0).waits_for_time());
  world.advance(2'999);
  CHECK(client.answer_to(subscribe) == nullptr);
  world.advance(1);
  const Json timeout = R"({"error":{"code":"system.timeout","message":"Request timeout"}})"_json;
  CHECK(client.answer_to(subscribe) == timeout);
  CHECK(client.answer_to(call) == timeout);
  // Replies that come too late are dropped.
  client.skip_news();
  for (const MemoryRequest& r : world.held) world.reply(r, R"({"result":{"model":{}}})");
  world.settle();
  CHECK(client.news().empty());
  // The next subscribe sends a new request to the service.
  world.model("test.a", "{}");
  CHECK(client.ask("subscribe.test.a").as_object().contains("result"));
}

TEST_CASE("pipeline: a service may ask for more time") {
  World world;
  world.hold("call.test.a.do");
  TestClient client(world);
  const auto call = client.request("call.test.a.do");
  world.settle();
  world.advance(1'000);
  world.reply(world.held.at(0), R"(timeout:"10000")");
  world.settle();
  world.advance(9'999);
  CHECK(client.answer_to(call) == nullptr);
  world.reply(world.held.at(0), R"({"result":1})");
  world.settle();
  CHECK(client.answer_to(call).at("result") == 1);
}

TEST_CASE("pipeline: what a busy socket refuses comes in order when it is free") {
  World world;
  world.model("test.a", R"({"n":0})");
  TestClient client(world, 0, 0);
  TestClient other(world, 0, 1);
  for (TestClient* c : {&client, &other}) {
    c->ask("subscribe.test.a");
    c->skip_news();
  }
  client.set_busy(true);
  for (int i = 1; i <= 5; ++i) {
    world.publish("event.test.a.change", R"({"values":{"n":)" + std::to_string(i) + "}}");
    world.settle();
  }
  CHECK(client.news().empty());
  // after one refused send, nothing is sent to the client until its socket is writable
  CHECK(client.socket().refusals == 1);
  CHECK(other.news().size() == 5);
  client.set_busy(false);
  client.writable();
  world.settle();
  const std::vector<Json> news = client.news();
  REQUIRE(news.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(news[i].at("data").at("values").at("n") == i + 1);
}

TEST_CASE("pipeline: a batch of events leaves in one send") {
  World world;
  world.model("test.a", R"({"n":0})");
  TestClient client(world);
  client.ask("subscribe.test.a");
  const std::size_t before = client.socket().sends;
  for (int i = 1; i <= 50; ++i) {
    world.publish("event.test.a.change", R"({"values":{"n":)" + std::to_string(i) + "}}");
  }
  world.settle();
  CHECK(client.socket().texts.size() == 51);
  CHECK(client.socket().sends == before + 1);
}

TEST_CASE("pipeline: a client that does not read is closed, the others go on") {
  LaneOptions options;
  options.write.event_bytes = 2'000;
  World world(1, options);
  world.model("test.a", "{}");
  TestClient slow(world, 0, 0);
  TestClient other(world, 0, 1);
  slow.ask("subscribe.test.a");
  other.ask("subscribe.test.a");
  other.skip_news();
  slow.set_busy(true);
  const std::string text(100, 'x');
  int sent = 0;
  for (; sent < 100 && !slow.socket().closed; ++sent) {
    world.publish("event.test.a.news", "\"" + text + std::to_string(sent) + "\"");
    world.settle();
  }
  REQUIRE(slow.socket().closed);
  CHECK(slow.socket().closed->code == 1008);
  CHECK(slow.socket().closed->text == "slow consumer");
  CHECK(other.news().size() == static_cast<std::size_t>(sent));
  CHECK_FALSE(other.socket().closed);
  slow.disconnect();
  world.settle();
  CHECK(world.client_count() == 1);
}

TEST_CASE("pipeline: a client with many requests under way waits for its answers, and is not read when it sends more") {
  LaneOptions options;
  options.admit.served = 10;
  options.session.pending_requests = 10;
  options.admit.pending_requests = 30;
  World world(1, options);
  world.hold("call.test.a.do");
  TestClient client(world);
  for (int i = 0; i < 40; ++i) client.request("call.test.a.do");
  world.settle();
  CHECK(world.asked("call.test.a.do") == 10);
  CHECK(client.socket().paused);
  CHECK_FALSE(client.socket().closed);
  while (!world.held.empty()) {
    for (const MemoryRequest& r : std::exchange(world.held, {})) world.reply(r, R"({"result":null})");
    world.settle();
  }
  CHECK(world.asked("call.test.a.do") == 40);
  CHECK(client.socket().texts.size() == 40);
  CHECK_FALSE(client.socket().paused);
}

TEST_CASE("pipeline: a client may go in the middle of anything") {
  World world;
  world.hold("access.test.a");
  world.hold("get.test.a");
  world.hold("call.test.b.do");
  world.hold("auth.test.b.do");
  world.model("test.b", R"({"ref":{"rid":"test.a"}})");
  {
    TestClient client(world);
    client.request("subscribe.test.a");
    client.request("subscribe.test.b");
    client.request("get.test.b");
    client.request("call.test.b.do");
    client.request("auth.test.b.do");
    world.settle();
    CHECK(world.client_count() == 1);
    client.disconnect();
    world.settle();
  }
  CHECK(world.client_count() == 0);
  for (const MemoryRequest& r : std::exchange(world.held, {})) world.reply(r, R"({"result":{"model":{},"get":true}})");
  world.settle();
  // A new client uses the same slot. It must not get messages that were meant for the previous client.
  TestClient next(world, 0, 0, 2);
  CHECK(next.news().empty());
  CHECK(next.ask("version").as_object().contains("result"));
  CHECK(world.services.subscribed("conn." + next.cid() + ".*"));
  next.disconnect();
  world.settle();
  world.advance(5'000);
  CHECK(world.cached_names() == 0);
  CHECK(world.services.subscription_count() == 0);
  CHECK_FALSE(world.lane(0).waits_for_time());
}

TEST_CASE("pipeline: it may end with everything under way") {
  World world(2);
  world.hold("get.test.a");
  TestClient client(world);
  client.request("subscribe.test.a");
  world.settle();
  client.request("subscribe.test.b");
  world.publish("event.test.a.change", R"({"values":{"n":1}})");
  world.publish("system.reset", R"({"resources":[">"]})");
  world.lane(0).stop();
  world.publish("system.reset", R"({"resources":[">"]})");
  CHECK(world.client_count() == 1);
}
