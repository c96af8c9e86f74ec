// The whole pipeline with its ends in memory: HTTP requests, and WebSocket connections that wait to be accepted.
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

// Runs the test with several numbers of lanes. With more than one lane, messages that belong together come from
// different lanes.
std::size_t lane_counts() {
  return GENERATE(std::size_t{1}, std::size_t{2});
}

LaneOptions with(const WebOptions& web) {
  LaneOptions options;
  options.web = web;
  return options;
}

WebOptions with_auth() {
  WebOptions web;
  web.header_auth = HeaderAuth{make_rid("test.auth"), "web"};
  web.ws_header_auth = HeaderAuth{make_rid("test.auth"), "ws"};
  return web;
}

// Sends HTTP requests to a World. Each has a connection of its own, in the last lane.
class WebClients {
 public:
  explicit WebClients(World& world) : world_(world), lane_(world.lane_count() - 1) {}

  ConnId send(const std::string& method, const std::string& target, const std::string& body = {}) {
    const ConnId conn = next();
    ClientFields fields;
    fields.cid = cid(conn);
    fields.uri = target;
    fields.headers = {{"Cookie", "a=1"}};
    world_.put(lane_, ParseIn(WebRequest{conn, std::make_shared<const ClientInfo>(fields), method, body}));
    return conn;
  }
  ConnId knock() {
    const ConnId conn = next();
    world_.put(lane_, ParseIn(Connected{conn, testing::client_info(cid(conn)), ClientKind::held}));
    return conn;
  }
  void leave(ConnId conn) { world_.put(lane_, ParseIn(Disconnected{conn})); }

  // Returns the responses so far, as "200 body".
  std::vector<std::string> responses(ConnId conn) const {
    std::vector<std::string> texts;
    const MemorySocket has = socket(conn);
    for (const WebResponse& r : has.responses) texts.push_back(std::to_string(r.status) + ' ' + r.body);
    return texts;
  }
  std::string ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    const ConnId conn = send(method, target, body);
    world_.settle();
    const std::vector<std::string> all = responses(conn);
    REQUIRE(all.size() == 1);
    return all[0];
  }
  std::string get(const std::string& target) { return ask("GET", target); }
  MemorySocket socket(ConnId conn) const { return world_.clients(lane_).socket(conn); }
  static std::string cid(ConnId conn) { return "web" + std::to_string(conn.slot); }

 private:
  ConnId next() { return ConnId{slots_++, 1, static_cast<LaneId>(lane_)}; }

  World& world_;
  std::size_t lane_;
  // starts above the slots of the test's other clients, because a slot has one client at a time
  std::uint32_t slots_ = 100;
};

// Checks that no state of any client is left.
void check_clean(World& world) {
  CHECK(world.client_count() == 0);
  CHECK_FALSE(world.services.subscribed("conn.web0.*"));
  world.advance(60'000);
  CHECK(world.cached_names() == 0);
  CHECK(world.services.subscription_count() == 0);
}

}  // namespace

TEST_CASE("pipeline: a web request gets a resource with all that it refers to") {
  World world(lane_counts());
  world.model("lib.shelf", R"({"name":"A","books":{"rid":"lib.books"},"owner":{"rid":"lib.owner","soft":true}})");
  world.collection("lib.books", R"([{"rid":"lib.book.1"},{"rid":"lib.gone"},{"data":{"x":[1]}},{"rid":"lib.shelf"}])");
  world.model("lib.book.1", R"({"title":"One"})");
  WebClients web(world);
  CHECK(json_of(web.get("/api/lib/shelf").substr(4)) == R"({"name":"A","books":{"href":"/api/lib/books","collection":[
      {"href":"/api/lib/book/1","model":{"title":"One"}},
      {"href":"/api/lib/gone","error":{"code":"system.notFound","message":"Not found"}},
      {"x":[1]},{"href":"/api/lib/shelf"}]},"owner":{"href":"/api/lib/owner"}})"_json);
  CHECK(world.asked("access.lib.shelf") == 1);
  CHECK(world.asked("access.lib.books") == 0);
  check_clean(world);
}

TEST_CASE("pipeline: web requests share the cache with other clients") {
  World world(lane_counts());
  world.model("test.model", R"({"n":1})");
  TestClient client(world);
  client.ask("subscribe.test.model");
  WebClients web(world);
  CHECK(web.get("/api/test/model") == R"(200 {"n":1})");
  world.publish("event.test.model.change", R"({"values":{"n":2}})");
  world.settle();
  CHECK(web.get("/api/test/model") == R"(200 {"n":2})");
  CHECK(world.asked("get.test.model") == 1);
}

TEST_CASE("pipeline: web requests with a query") {
  World world(lane_counts());
  world.answer("get.test.list?limit=2", R"({"result":{"collection":[1,2],"query":"limit=2"}})");
  WebClients web(world);
  CHECK(web.get("/api/test/list?limit=2") == "200 [1,2]");
  CHECK(world.asked("access.test.list?limit=2") == 1);
  CHECK(web.get("/api/test/list?limit=3").starts_with("404 "));
  check_clean(world);
}

TEST_CASE("pipeline: web requests call methods") {
  WebOptions options;
  options.put_method = "set";
  World world(lane_counts(), with(options));
  world.on("call.test.model.set", [&](const MemoryRequest& r) {
    const Json payload = json_of(r.payload);
    CHECK(payload.at("isHttp") == true);
    CHECK(payload.at("params") == R"({"n":2})"_json);
    world.reply(r, R"({"result":{"ok":true}})");
  });
  world.answer("call.test.make", R"({"resource":{"rid":"test.new.1"}})");
  world.answer("call.test.nothing", R"({"result":null})");
  WebClients web(world);
  CHECK(web.ask("POST", "/api/test/model/set", R"({"n":2})") == R"(200 {"ok":true})");
  CHECK(web.ask("PUT", "/api/test/model", R"({"n":2})") == R"(200 {"ok":true})");
  CHECK(web.ask("POST", "/api/test/nothing") == "204 ");
  const ConnId conn = web.send("POST", "/api/test/make");
  world.settle();
  CHECK(web.socket(conn).responses.at(0).headers.back() == HeaderField{"Location", "/api/test/new/1"});
  CHECK(world.asked("get.test.new.1") == 0);
  check_clean(world);
}

TEST_CASE("pipeline: a change event before the reply of a web call is in what the next request gets") {
  World world(lane_counts());
  world.model("test.counter", R"({"n":0})");
  int n = 0;
  world.on("call.test.counter.add", [&](const MemoryRequest& r) {
    world.publish("event.test.counter.change", R"({"values":{"n":)" + std::to_string(++n) + "}}");
    world.reply(r, R"({"result":null})");
  });
  TestClient client(world);
  client.ask("subscribe.test.counter");
  WebClients web(world);
  for (int i = 1; i <= 5; ++i) {
    CHECK(web.ask("POST", "/api/test/counter/add") == "204 ");
    CHECK(web.get("/api/test/counter") == R"(200 {"n":)" + std::to_string(i) + '}');
  }
}

TEST_CASE("pipeline: errors of web requests") {
  World world(lane_counts());
  world.model("test.model", "{}");
  world.answer("access.test.secret", R"({"result":{"get":false}})");
  world.answer("call.test.model.fail", R"({"error":{"code":"test.failed","message":"It failed","data":{"why":[1]}}})");
  world.answer("call.test.model.nonsense", "{nonsense");
  WebClients web(world);
  CHECK(web.get("/api/test/secret") == R"(401 {"code":"system.accessDenied","message":"Access denied"})");
  CHECK(web.get("/api/nobody/knows") == R"(404 {"code":"system.notFound","message":"Not found"})");
  CHECK(web.ask("POST", "/api/test/model/fail") ==
        R"(400 {"code":"test.failed","message":"It failed","data":{"why":[1]}})");
  CHECK(web.ask("POST", "/api/test/model/nonsense").starts_with("500 "));
  CHECK(web.ask("POST", "/api/test/model/set", "{").starts_with("400 "));
  CHECK(web.ask("DELETE", "/api/test/model").starts_with("405 "));
  CHECK(web.ask("OPTIONS", "/api/test/model") == "200 ");
  CHECK(web.get("/elsewhere").starts_with("404 "));
  check_clean(world);
}

TEST_CASE("pipeline: a web request that no service answers in time") {
  World world(lane_counts());
  const auto ignore = [](const MemoryRequest&) {};
  world.on("get.test.slow", ignore);
  world.on("call.test.slow.set", ignore);
  WebClients web(world);
  const ConnId get = web.send("GET", "/api/test/slow");
  const ConnId call = web.send("POST", "/api/test/slow/set");
  world.settle();
  CHECK(web.responses(get).empty());
  world.advance(10'000);
  for (const ConnId conn : {get, call}) {
    CHECK(web.responses(conn) ==
          std::vector<std::string>{R"(404 {"code":"system.timeout","message":"Request timeout"})"});
  }
  check_clean(world);
}

TEST_CASE("pipeline: the service sees the headers of a web request first, and what it sets counts") {
  World world(lane_counts(), with(with_auth()));
  world.model("test.mine", R"({"n":1})");
  world.on("auth.test.auth.web", [&](const MemoryRequest& r) {
    const Json payload = json_of(r.payload);
    CHECK(payload.at("header").at("Cookie") == R"(["a=1"])"_json);
    CHECK(payload.at("isHttp") == true);
    world.publish("conn." + std::string(payload.at("cid").as_string()) + ".token", R"({"token":{"user":"ann"}})");
    world.reply(r, R"({"result":null,"meta":{"header":{"Set-Cookie":["a=2"]}}})");
  });
  world.on("access.test.mine", [&](const MemoryRequest& r) {
    const bool known = json_of(r.payload).as_object().contains("token");
    world.reply(r, known
                       ? R"({"result":{"get":true,"call":"set"},"meta":{"header":{"Set-Cookie":["b=2"],"x-a":["1"]}}})"
                       : R"({"result":{}})");
  });
  world.answer("call.test.mine.set", R"({"result":1,"meta":{"header":{"X-A":["2"]}}})");
  WebClients web(world);
  const ConnId get = web.send("GET", "/api/test/mine");
  const ConnId call = web.send("POST", "/api/test/mine/set");
  world.settle();
  CHECK(web.responses(get) == std::vector<std::string>{R"(200 {"n":1})"});
  CHECK(web.responses(call) == std::vector<std::string>{"200 1"});
  const auto headers = [&](ConnId conn) {
    std::string text;
    const MemorySocket socket = web.socket(conn);
    for (const auto& [name, value] : socket.responses.at(0).headers) {
      if (name == "Set-Cookie" || name == "X-A") text += name + '=' + value + ' ';
    }
    return text;
  };
  CHECK(headers(get) == "Set-Cookie=a=2 Set-Cookie=b=2 X-A=1 ");
  CHECK(headers(call) == "Set-Cookie=a=2 Set-Cookie=b=2 X-A=2 ");
  check_clean(world);
}

TEST_CASE("pipeline: a service may send a web request elsewhere at each step") {
  World world(lane_counts(), with(with_auth()));
  const std::string away = R"(,"meta":{"status":302,"header":{"Location":["/login"]}}})";
  world.model("test.model", "{}");
  world.answer("auth.test.auth.web", R"({"result":null})");
  std::string method = "GET";
  std::string target = "/api/test/model";
  SECTION("auth") {
    world.answer("auth.test.auth.web", R"({"result":null)" + away);
  }
  SECTION("access of a get") {
    world.answer("access.test.model", R"({"result":{"get":true})" + away);
  }
  SECTION("access of a call") {
    method = "POST";
    target = "/api/test/model/set";
    world.answer("access.test.model", R"({"error":{"code":"a","message":"b"})" + away);
  }
  SECTION("the call") {
    method = "POST";
    target = "/api/test/model/set";
    world.answer("call.test.model.set", R"({"result":1)" + away);
  }
  WebClients web(world);
  const ConnId conn = web.send(method, target);
  world.settle();
  CHECK(web.responses(conn) == std::vector<std::string>{"302 "});
  CHECK(web.socket(conn).responses.at(0).headers.back() == HeaderField{"Location", "/login"});
  check_clean(world);
}

TEST_CASE("pipeline: a client that goes during its web request leaves nothing behind") {
  World world(lane_counts(), with(with_auth()));
  world.collection("test.list", R"([{"rid":"test.model"}])");
  world.model("test.model", "{}");
  world.answer("auth.test.auth.web", R"({"result":null})");
  const std::string held = GENERATE("auth.test.auth.web", "access.test.list", "get.test.list", "get.test.model");
  CAPTURE(held);
  world.hold(held);
  WebClients web(world);
  const ConnId conn = web.send("GET", "/api/test/list");
  world.settle();
  REQUIRE(world.held.size() == 1);
  web.leave(conn);
  world.settle();
  world.reply(world.held[0], R"({"result":{"get":true,"model":{}}})");
  world.settle();
  CHECK(web.responses(conn).empty());
  check_clean(world);
}

TEST_CASE("pipeline: a held connection is opened with what the service sets") {
  World world(lane_counts(), with(with_auth()));
  world.model("test.mine", "{}");
  world.on("auth.test.auth.ws", [&](const MemoryRequest& r) {
    const Json payload = json_of(r.payload);
    CHECK(payload.at("isHttp") == true);
    world.publish("conn." + std::string(payload.at("cid").as_string()) + ".token", R"({"token":"ann"})");
    world.reply(r, R"({"result":null,"meta":{"header":{"Set-Cookie":["a=1"]}}})");
  });
  std::string seen;
  world.on("access.test.mine", [&](const MemoryRequest& r) {
    seen = r.payload;
    world.reply(r, R"({"result":{"get":true}})");
  });
  WebClients web(world);
  const ConnId conn = web.knock();
  world.settle();
  CHECK(web.socket(conn).accepted == Headers{{"Set-Cookie", "a=1"}});
  world.put(conn.lane, ParseIn(ClientText{conn, R"({"id":1,"method":"subscribe.test.mine"})"}));
  world.settle();
  CHECK(web.socket(conn).texts == std::vector<std::string>{R"({"result":{"models":{"test.mine":{}}},"id":1})"});
  CHECK(json_of(seen).at("token") == "ann");
  CHECK_FALSE(json_of(seen).as_object().contains("isHttp"));
  web.leave(conn);
  world.settle();
  check_clean(world);
}

TEST_CASE("pipeline: a held connection is refused") {
  World world(lane_counts(), with(with_auth()));
  world.answer("auth.test.auth.ws", R"({"error":{"code":"a.b","message":"No"},"meta":{"status":403}})");
  WebClients web(world);
  const ConnId conn = web.knock();
  world.settle();
  CHECK_FALSE(web.socket(conn).accepted);
  CHECK(web.responses(conn) == std::vector<std::string>{R"(403 {"code":"a.b","message":"No"})"});
  check_clean(world);
}

TEST_CASE("pipeline: a held connection that nobody decides about is opened in the end") {
  World world(lane_counts(), with(with_auth()));
  WebClients web(world);
  SECTION("no service is there") {
    const ConnId conn = web.knock();
    world.settle();
    CHECK(web.socket(conn).accepted == Headers{});
  }
  SECTION("it does not answer") {
    world.on("auth.test.auth.ws", [](const MemoryRequest&) {});
    const ConnId conn = web.knock();
    world.settle();
    CHECK_FALSE(web.socket(conn).accepted);
    world.advance(10'000);
    CHECK(web.socket(conn).accepted == Headers{});
  }
}
