// parse: RES-Client protocol, "Client JSONRPC", "Request method" and the parameters of each request.
#include "nodes/parse/parse.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::code_of;
using testing::text_of;

namespace {

struct Bench {
  testing::FakeLog log;
  Parse parse{WebOptions{}, log};

  std::vector<AdmitIn> process(ParseIn&& message) {
    ParseOut out;
    parse.process(std::move(message), out);
    return std::move(out.admit);
  }

  // Returns the request that a text becomes, or a request with id 0 if the text was dropped.
  Request request(const std::string& text) {
    const std::uint64_t before = parse.dropped();
    const auto requests = testing::only<Request>(process(ClientText{ConnId{7, 1, 2}, text}));
    CHECK(requests.size() == (parse.dropped() == before ? 1 : 0));
    if (requests.empty()) return {};
    CHECK(requests[0].conn == ConnId{7, 1, 2});
    return requests[0];
  }

  bool dropped(const std::string& text) { return request(text).id == 0; }

  std::string error(const std::string& text) {
    const Request r = request(text);
    CHECK(r.id == 1);
    CHECK((r.kind == RequestKind::invalid) == static_cast<bool>(r.error));
    return code_of(r.error);
  }
};

std::string frame(const std::string& method, const std::string& params = "") {
  return R"({"id":1,"method":")" + method + '"' + (params.empty() ? "" : R"(,"params":)" + params) + "}";
}

}  // namespace

TEST_CASE("Parse: connections pass", "[parse]") {
  Bench bench;
  const auto connected =
      testing::only<Connected>(bench.process(Connected{ConnId{1, 2, 3}, testing::client_info("cid")}));
  REQUIRE(connected.size() == 1);
  CHECK(connected[0].info->cid() == "cid");
  CHECK(testing::only<Disconnected>(bench.process(Disconnected{ConnId{1, 2, 3}})).size() == 1);
}

TEST_CASE("Parse: the examples of the protocol", "[parse]") {
  Bench bench;
  CHECK(bench.request(frame("version")).kind == RequestKind::version);
  const Request subscribe = bench.request(frame("subscribe.userService.users"));
  CHECK(subscribe.kind == RequestKind::subscribe);
  CHECK(text_of(subscribe.rid) == "userService.users");
  const Request call = bench.request(frame("call.userService.user.42.set", R"({ "a":1.0 })"));
  CHECK(call.kind == RequestKind::call);
  CHECK(text_of(call.rid) == "userService.user.42");
  CHECK(call.method == "set");
  CHECK(call.params == R"({ "a":1.0 })");
  const Request create = bench.request(frame("new.userService.users", "[]"));
  CHECK(create.kind == RequestKind::create);
  CHECK(text_of(create.rid) == "userService.users");
  CHECK(create.method == "new");
  CHECK(create.params == "[]");
  const Request auth = bench.request(frame("auth.authService.login"));
  CHECK(auth.kind == RequestKind::auth);
  CHECK(text_of(auth.rid) == "authService");
  CHECK(auth.method == "login");
  CHECK(auth.params.empty());
  CHECK(bench.request(frame("get.a.b?q=1.5")).kind == RequestKind::get);
  CHECK(text_of(bench.request(frame("get.a.b?q=1.5")).rid) == "a.b?q=1.5");
  CHECK(bench.request(frame("unsubscribe.a")).kind == RequestKind::unsubscribe);
  CHECK(text_of(bench.request(frame("subscribe.user.{cid}")).rid) == "user.{cid}");
}

TEST_CASE("Parse: a query may stand before the method", "[parse]") {
  Bench bench;
  const Request call = bench.request(frame("call.a.b?q=1.5.set"));
  CHECK(text_of(call.rid) == "a.b?q=1.5");
  CHECK(call.method == "set");
}

TEST_CASE("Parse: ids are numbers that are whole and not negative", "[parse]") {
  Bench bench;
  const auto with_id = [](const std::string& id) { return R"({"id":)" + id + R"(,"method":"version"})"; };
  CHECK(bench.request(with_id("1")).id == 1);
  CHECK(bench.request(with_id("18446744073709551615")).id == 18446744073709551615u);
  for (const char* id : {"-1", "1.0", "1e3", "\"1\"", "true", "null", "[]", "{}", "18446744073709551616"}) {
    INFO(id);
    CHECK(bench.dropped(with_id(id)));
  }
  CHECK(bench.dropped(R"({"method":"version"})"));
  CHECK(bench.parse.dropped() == 10);
  // Zero is a valid id.
  const auto zero = testing::only<Request>(bench.process(ClientText{ConnId{}, with_id("0")}));
  REQUIRE(zero.size() == 1);
  CHECK(zero[0].kind == RequestKind::version);
}

TEST_CASE("Parse: names of members are taken in any case", "[parse]") {
  Bench bench;
  const Request r = bench.request(R"({"ID":1,"Method":"call.a.b","PARAMS":[1],"jsonrpc":"2.0","x":{"id":2}})");
  CHECK(r.id == 1);
  CHECK(r.kind == RequestKind::call);
  CHECK(r.params == "[1]");
  CHECK(bench.request(R"({"id":1,"method":"unsubscribe.a","params":{"Count":3}})").count == 3);
  CHECK(bench.request(R"({"id":1,"method":"version","params":{"PROTOCOL":"1.2.3"}})").protocol == "1.2.3");
}

TEST_CASE("Parse: what is no request is dropped and logged", "[parse]") {
  Bench bench;
  for (const char* text : {"", " ", "null", "1", "[]", "\"a\"", "{", "{}", R"({"params":{],"id":1,"method":"version"})",
                           "[{\"id\":1,\"method\":\"version\"}]", R"({"id":1,"id":"x","method":"version"})"}) {
    INFO(text);
    CHECK(bench.dropped(text));
  }
  CHECK(bench.log.lines.size() == 11);
  CHECK(bench.log.errors() == 0);
}

// Without an answer, the client would wait forever.
TEST_CASE("Parse: what has an id that can be read is answered", "[parse]") {
  Bench bench;
  std::string deep = R"({"id":1,"method":"call.a.b","params":)" + std::string(20'000, '[') + std::string(20'000, ']');
  for (const std::string& text :
       {std::string(R"({"id":1,"method":"version")"), std::string(R"({"id":1,"method":"version"} x)"),
        std::string(R"({"id":1,"method":1})"), std::string(R"({"id":1,"method":[]})"),
        std::string(R"({"id":1,"params":{],"method":"version"})"), std::string(R"({"id":1,)"), deep + '}'}) {
    INFO(text.substr(0, 80));
    CHECK(bench.error(text) == "system.invalidRequest");
  }
  CHECK(bench.log.lines.size() == 7);
  CHECK(bench.log.errors() == 0);
}

TEST_CASE("Parse: half a surrogate pair is a character like another", "[parse]") {
  Bench bench;
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(text_of(bench.request(frame(R"(subscribe.t.s?q=a\ud83d)")).rid) == "t.s?q=a" + bad);
  CHECK(bench.request(frame(R"(subscribe.t.s)", R"({"\udc00":1})")).kind == RequestKind::subscribe);
  CHECK(bench.request(R"({"id":1,"\ud83d":2,"method":"get.a"})").kind == RequestKind::get);
  CHECK(bench.error(frame(R"(subscribe.t.s\ud83d)")) == "system.invalidRequest");
  CHECK(bench.request(frame("version", R"({"protocol":"\ud83d"})")).protocol == bad);
}

TEST_CASE("Parse: names and queries that are too long", "[parse]") {
  Bench bench;
  const std::string name = "a." + std::string(kMaxNameSize - 2, 'x');
  const std::string query = '?' + std::string(kMaxQuerySize, 'q');
  for (const char* type : {"subscribe.", "get.", "new."}) {
    INFO(type);
    CHECK(text_of(bench.request(frame(type + name + query)).rid) == name + query);
    CHECK(bench.error(frame(type + name + "x")) == "system.subjectTooLong");
    CHECK(bench.error(frame(type + name + query + "q")) == "system.subjectTooLong");
    CHECK(bench.error(frame(type + name + "x.*")) == "system.invalidRequest");
  }
  for (const char* type : {"call.", "auth."}) {
    INFO(type);
    CHECK(text_of(bench.request(frame(type + name + ".m")).rid) == name);
    CHECK(bench.error(frame(type + name + "x.m")) == "system.subjectTooLong");
    // parse does not limit the length of a method. It is checked when the call is sent, after access is granted.
    CHECK(bench.request(frame(type + ("a." + std::string(10'000, 'm')))).method.size() == 10'000);
  }
  CHECK(bench.error(frame("unsubscribe." + name + "x")) == "system.noSubscription");
  // The name becomes too long only when the connection id replaces each tag.
  std::string tags = "{cid}";
  while (tags.size() * 2 < kMaxNameSize) tags += tags;
  CHECK(bench.error(frame("subscribe." + tags)) == "system.subjectTooLong");
}

TEST_CASE("Parse: methods that are none are invalid requests", "[parse]") {
  Bench bench;
  for (const char* method : {"",
                             ".",
                             "foo",
                             "foo.a",
                             "subscribe",
                             "subscribe.",
                             "subscribe.a.",
                             "subscribe..a",
                             "subscribe.a..b",
                             "subscribe.a.*",
                             "subscribe.>",
                             "subscribe.a b",
                             "subscribe.?q",
                             "Subscribe.a",
                             "get",
                             "get.",
                             "unsubscribe.",
                             "call",
                             "call.",
                             "call.a",
                             "call.a.",
                             "call..a",
                             "call.a.b*",
                             "call.a.b.",
                             "call.a?q",
                             "auth.a",
                             "auth..login",
                             "auth.a..b",
                             "new",
                             "new.",
                             "version.a",
                             ".version",
                             "call.a.set?x",
                             "subscribe.caf\xC3\xA9"}) {
    INFO(method);
    CHECK(bench.error(frame(method)) == "system.invalidRequest");
  }
  CHECK(bench.error(R"({"id":1})") == "system.invalidRequest");
  CHECK(bench.error(R"({"id":1,"method":null})") == "system.invalidRequest");
}

TEST_CASE("Parse: parameters of calls", "[parse]") {
  Bench bench;
  CHECK(bench.request(frame("call.a.b")).params.empty());
  CHECK(bench.request(frame("call.a.b", "null")).params.empty());
  for (const char* params : {"0", "\"x\"", "[ ]", "{\"a\" : [1e5]}", "false"}) {
    CHECK(bench.request(frame("call.a.b", params)).params == params);
  }
  // The method may come after the parameters.
  CHECK(bench.request(R"({"params":{"id":5},"method":"auth.a.b","id":1})").params == R"({"id":5})");
}

// RES-Client protocol: "MUST be a number greater than 0."
TEST_CASE("Parse: counts of unsubscribe requests", "[parse]") {
  Bench bench;
  CHECK(bench.request(frame("unsubscribe.a")).count == 1);
  for (const char* params : {"null", "{}", R"({"count":null})", R"({"other":7})", R"({"count":1})"}) {
    INFO(params);
    CHECK(bench.request(frame("unsubscribe.a", params)).count == 1);
  }
  CHECK(bench.request(frame("unsubscribe.a", R"({"count":256})")).count == 256);
  for (const char* params : {"[]", "1", "\"a\"", R"({"count":0})", R"({"count":-1})", R"({"count":1.5})",
                             R"({"count":"1"})", R"({"count":true})", R"({"count":[1]})", R"({"count":4294967296})"}) {
    INFO(params);
    CHECK(bench.error(frame("unsubscribe.a", params)) == "system.invalidParams");
  }
}

TEST_CASE("Parse: version requests", "[parse]") {
  Bench bench;
  CHECK(bench.request(frame("version", R"({"protocol":"1.2.3"})")).protocol == "1.2.3");
  for (const char* params : {"null", "{}", R"({"protocol":null})", R"({"other":1})"}) {
    INFO(params);
    const Request r = bench.request(frame("version", params));
    CHECK(r.kind == RequestKind::version);
    CHECK(r.protocol.empty());
  }
  for (const char* params : {"[]", "\"1.2.3\"", R"({"protocol":1})", R"({"protocol":["1.2.3"]})"}) {
    INFO(params);
    CHECK(bench.error(frame("version", params)) == "system.invalidParams");
  }
}

TEST_CASE("Parse: web requests", "[parse]") {
  testing::FakeLog log;
  WebOptions options;
  options.put_method = "set";
  Parse parse(options, log);
  ParseOut out;
  parse.process(WebRequest{ConnId{1, 2, 3}, testing::client_info("cid", "/api/a/b"), "PUT", "[1]"}, out);
  const auto tasks = testing::only<WebTask>(out.admit);
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].conn == ConnId{1, 2, 3});
  CHECK(tasks[0].kind == WebTask::Kind::call);
  CHECK(text_of(tasks[0].rid) == "a.b");
  CHECK(tasks[0].method == "set");
}

TEST_CASE("Parse: requests are counted by kind, and know it", "[parse][statistics]") {
  Bench bench;
  const std::vector<std::pair<std::string, RequestKind>> methods{
      {"version", RequestKind::version}, {"subscribe.a", RequestKind::subscribe},
      {"get.a", RequestKind::get},       {"unsubscribe.a", RequestKind::unsubscribe},
      {"call.a.b", RequestKind::call},   {"auth.a.b", RequestKind::auth},
      {"new.a", RequestKind::create},    {"nothing", RequestKind::invalid}};
  for (const auto& [method, kind] : methods) {
    INFO(method);
    CHECK(bench.request(R"({"id":1,"method":")" + method + "\"}").id.kind == kind);
    CHECK(bench.parse.counters().requests[kind] == 1);
  }
  bench.request("no request");
  CHECK(bench.parse.counters().dropped == 1);
}

TEST_CASE("Parse: the time of arrival goes with the request", "[parse][statistics]") {
  Bench bench;
  ParseOut out;
  bench.parse.process(ClientText{ConnId{}, R"({"id":1,"method":"get.a"})", 12'345}, out);
  REQUIRE(out.admit.size() == 1);
  CHECK(testing::message_as<Request>(out.admit[0]).id.arrived == 12'345);
  WebRequest request;
  request.info = testing::client_info("", "/api/a");
  request.method = "GET";
  request.arrived = 67'890;
  bench.parse.process(std::move(request), out);
  REQUIRE(out.admit.size() == 2);
  CHECK(testing::message_as<WebTask>(out.admit[1]).id.arrived == 67'890);
  CHECK(testing::message_as<WebTask>(out.admit[1]).id.kind == RequestKind::web);
}

// Resgate counts the requests that its API serves, so resflow does, too.
TEST_CASE("Parse: web requests are counted by method", "[parse][statistics]") {
  WebOptions options;
  options.put_method = "put";
  testing::FakeLog log;
  Parse parse(options, log);
  const auto ask = [&](const std::string& method, const std::string& target) {
    WebRequest request;
    request.info = testing::client_info("", target);
    request.method = method;
    ParseOut out;
    parse.process(std::move(request), out);
  };
  ask("GET", "/api/a");
  ask("HEAD", "/api/a");
  ask("POST", "/api/a/b");
  ask("PUT", "/api/a");
  ask("DELETE", "/api/a");
  ask("OPTIONS", "/api/a");
  ask("GET", "/elsewhere");
  const By<WebMethod>& counts = parse.counters().web_requests;
  CHECK(counts[WebMethod::get] == 2);
  CHECK(counts[WebMethod::post] == 1);
  CHECK(counts[WebMethod::put] == 1);
  CHECK(counts[WebMethod::remove] == 0);
  CHECK(counts[WebMethod::patch] == 0);
  CHECK(counts[WebMethod::other] == 3);
}
