// The whole pipeline with its ends in memory: the requests of clients, and the answers and events that they get.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

// A shelf refers to a collection of books and, by a soft reference, to its owner. One of the books does not exist.
void add_library(World& world) {
  world.model("lib.shelf", R"({"name":"A","books":{"rid":"lib.books"},"owner":{"rid":"lib.owner","soft":true}})");
  world.collection("lib.books", R"([{"rid":"lib.book.1"},{"rid":"lib.book.9"},{"data":{"x":[1]}},"text"])");
  world.model("lib.book.1", R"({"title":"One"})");
  world.model("lib.book.2", R"({"title":"Two","next":{"rid":"lib.book.1"}})");
  world.model("lib.owner", R"({"name":"Ann"})");
}

}  // namespace

TEST_CASE("pipeline: version") {
  World world;
  TestClient client(world);
  CHECK(client.ask("version", R"({"protocol":"1.2.3"})") == R"({"result":{"protocol":"1.2.3"}})"_json);
  CHECK(client.ask("version") == R"({"result":{"protocol":"1.2.3"}})"_json);
  CHECK(client.ask("version", R"({"protocol":"2.0.0"})").at("error").at("code") == "system.unsupportedProtocol");
}

TEST_CASE("pipeline: a subscription brings all that it refers to, once") {
  World world;
  add_library(world);
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  CHECK(client.ask("subscribe.lib.shelf") == R"({"result":{
    "models":{"lib.shelf":{"name":"A","books":{"rid":"lib.books"},"owner":{"rid":"lib.owner","soft":true}},
              "lib.book.1":{"title":"One"}},
    "collections":{"lib.books":[{"rid":"lib.book.1"},{"rid":"lib.book.9"},{"data":{"x":[1]}},"text"]},
    "errors":{"lib.book.9":{"code":"system.notFound","message":"Not found"}}}})"_json);
  CHECK(client.ask("subscribe.lib.book.1") == R"({"result":{}})"_json);
  CHECK(world.asked("get.lib.book.1") == 1);
  CHECK(world.asked("get.lib.owner") == 0);
  // The service is asked for access to the resource that the client subscribes to, not to the resources it refers to.
  CHECK(world.asked("access.lib.shelf") == 1);
  CHECK(world.asked("access.lib.books") == 0);
}

TEST_CASE("pipeline: clients share what is cached, and one request for it") {
  World world;
  world.hold("get.lib.book.1");
  TestClient first(world, 0, 0);
  TestClient second(world, 0, 1);
  const auto asked = first.request("subscribe.lib.book.1");
  second.request("subscribe.lib.book.1");
  world.settle();
  REQUIRE(world.held.size() == 1);
  CHECK(first.answer_to(asked) == nullptr);
  world.reply(world.held[0], R"({"result":{"model":{"n":1}}})");
  world.settle();
  const Json expected = R"({"id":1,"result":{"models":{"lib.book.1":{"n":1}}}})"_json;
  CHECK(first.news() == std::vector<Json>{expected});
  CHECK(second.news() == std::vector<Json>{expected});
}

TEST_CASE("pipeline: events reach who holds the resource") {
  World world;
  add_library(world);
  TestClient client(world, 0, 0);
  TestClient other(world, 0, 1);
  client.ask("version", R"({"protocol":"1.2.3"})");
  client.ask("subscribe.lib.shelf");
  client.skip_news();
  world.publish("event.lib.shelf.change", R"({"values":{"name":"B","books":{"rid":"lib.books"}}})");
  world.publish("event.lib.books.remove", R"({"idx":3})");
  world.publish("event.lib.books.add", R"({"idx":0,"value":{"rid":"lib.book.2"}})");
  world.publish("event.lib.book.1.sold", R"({"price":1.50})");
  world.publish("event.lib.owner.change", R"({"values":{"name":"Bob"}})");
  world.settle();
  std::vector<Json> news = client.news();
  REQUIRE(news.size() == 4);
  // Events have an order for each resource only. The custom event is of another resource.
  std::stable_sort(news.begin(), news.end(), [](const Json& a, const Json& b) {
    return a.at("event").as_string().starts_with("lib.b") < b.at("event").as_string().starts_with("lib.b");
  });
  CHECK(news[0] == R"({"event":"lib.shelf.change","data":{"values":{"name":"B"}}})"_json);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"lib.books.remove","data":{"idx":3}})"_json) == 1);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"lib.book.1.sold","data":{"price":1.5}})"_json) == 1);
  CHECK(std::count(news.begin(), news.end(), R"({"event":"lib.books.add","data":{"idx":0,"value":{"rid":"lib.book.2"},
      "models":{"lib.book.2":{"title":"Two","next":{"rid":"lib.book.1"}}}}})"_json) == 1);
  CHECK(other.news().empty());
}

TEST_CASE("pipeline: a change that changes nothing is no event") {
  World world;
  world.model("lib.book.1", R"({"n":1,"s":"x"})");
  TestClient client(world);
  client.ask("subscribe.lib.book.1");
  client.skip_news();
  world.publish("event.lib.book.1.change", R"({"values":{"n":1,"gone":{"action":"delete"}}})");
  world.publish("event.lib.book.1.change", R"({"values":{"n":1,"s":{"action":"delete"}}})");
  world.settle();
  CHECK(client.news() ==
        std::vector<Json>{R"({"event":"lib.book.1.change","data":{"values":{"s":{"action":"delete"}}}})"_json});
}

TEST_CASE("pipeline: access denied") {
  World world;
  world.model("lib.secret", "{}");
  world.answer("access.lib.secret", R"({"result":{"get":false,"call":"open,close"}})");
  world.answer("access.lib.broken", R"({"error":{"code":"lib.broken","message":"Broken"}})");
  world.answer("call.lib.secret.open", R"({"result":null})");
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  const Json denied = R"({"error":{"code":"system.accessDenied","message":"Access denied"}})"_json;
  CHECK(client.ask("subscribe.lib.secret") == denied);
  CHECK(client.ask("get.lib.secret") == denied);
  CHECK(client.ask("call.lib.secret.burn") == denied);
  CHECK(client.ask("call.lib.secret.open") == R"({"result":{"payload":null}})"_json);
  CHECK(client.ask("subscribe.lib.broken") == R"({"error":{"code":"lib.broken","message":"Broken"}})"_json);
  client.skip_news();
  world.publish("event.lib.secret.change", R"({"values":{"n":1}})");
  world.settle();
  CHECK(client.news().empty());
}

TEST_CASE("pipeline: unsubscribe ends the events, and the cache lets go after a while") {
  World world;
  add_library(world);
  TestClient client(world);
  client.ask("subscribe.lib.book.2");
  client.ask("subscribe.lib.book.2");
  CHECK(client.ask("unsubscribe.lib.book.2", R"({"count":3})").at("error").at("code") == "system.noSubscription");
  CHECK(client.ask("unsubscribe.lib.book.2").as_object().contains("error") == false);
  world.publish("event.lib.book.1.change", R"({"values":{"title":"Eins"}})");
  world.settle();
  CHECK(client.news().back().at("event") == "lib.book.1.change");
  CHECK(client.ask("unsubscribe.lib.book.2").as_object().contains("error") == false);
  CHECK(client.ask("unsubscribe.lib.book.2").at("error").at("code") == "system.noSubscription");
  client.skip_news();
  world.publish("event.lib.book.1.change", R"({"values":{"title":"Un"}})");
  world.settle();
  CHECK(client.news().empty());
  CHECK(world.cached_names() == 2);
  CHECK(world.services.subscribed("event.lib.book.1.*"));
  world.advance(4'999);
  CHECK(world.cached_names() == 2);
  world.advance(1);
  CHECK(world.cached_names() == 0);
  CHECK_FALSE(world.services.subscribed("event.lib.book.1.*"));
}

TEST_CASE("pipeline: get holds nothing") {
  World world;
  add_library(world);
  TestClient client(world);
  client.ask("version", R"({"protocol":"1.2.3"})");
  CHECK(client.ask("get.lib.book.2") == R"({"result":{"models":{
    "lib.book.2":{"title":"Two","next":{"rid":"lib.book.1"}},"lib.book.1":{"title":"One"}}}})"_json);
  CHECK(client.ask("get.lib.nothing") == R"({"error":{"code":"system.notFound","message":"Not found"}})"_json);
  client.skip_news();
  world.publish("event.lib.book.2.change", R"({"values":{"title":"Deux"}})");
  world.settle();
  CHECK(client.news().empty());
  // The cached state has followed the event. No other request was needed.
  CHECK(client.ask("get.lib.book.2").at("result").at("models").at("lib.book.2").at("title") == "Deux");
  CHECK(world.asked("get.lib.book.2") == 1);
}

TEST_CASE("pipeline: what is no request is dropped, and the client goes on") {
  World world;
  TestClient client(world);
  for (const char* text : {"", "null", "[]", "{}", "{", R"({"method":"version"})", R"({"id":-1,"method":"version"})",
                           R"({"id":"1","method":"version"})", "\xff\xfe", R"({"method":"version"}})"}) {
    client.send(text);
  }
  world.settle();
  CHECK(client.news().empty());
  for (const char* method : {"", "subscribe", "subscribe.", "subscribe.a..b", "call.a", "nothing.a.b", "get.a b.c",
                             "subscribe.a.*", "subscribe.>", "unsubscribe.a?"}) {
    INFO(method);
    CHECK(client.ask(method).as_object().contains("error"));
  }
  // A request whose id can be read gets an answer, whatever else is wrong with it.
  client.skip_news();
  client.send(R"({"id":1,"method":"version"}})");
  world.settle();
  CHECK(client.news().size() == 1);
  CHECK(client.ask("version").as_object().contains("result"));
  CHECK_FALSE(client.socket().closed);
}

// A NATS server closes the connection on a control line of more than 4,096 bytes. The line contains the subject, a
// blank and the number of a subscription.
TEST_CASE("pipeline: a resource id that is too long for the messaging system does not get there") {
  constexpr std::size_t most = 4'096 - 1 - 20;
  World world;
  for (const std::size_t size : {4'030U, 4'050U, 4'054U, 4'060U, 4'090U, 5'000U, 100'000U}) {
    const std::string name = "test." + std::string(size - 5, 'x');
    TestClient client(world);
    for (const std::string& method :
         {"subscribe." + name, "get." + name, "call." + name + ".do", "auth." + name + ".do"}) {
      INFO(method.substr(0, 15) << "... with a name of " << size);
      CHECK(client.ask(method).as_object().contains("error"));
      CHECK(world.services.longest_subject() <= most);
    }
    client.disconnect();
  }
}
