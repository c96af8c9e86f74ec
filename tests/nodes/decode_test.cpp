// decode: which message it makes of which, and to which node it sends it. The payloads themselves are tested in
// service_protocol_test.cpp and service_events_test.cpp.
#include "nodes/decode.hpp"

#include <catch2/catch.hpp>

#include "nodes/protocol/ids.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

const ConnId kConn{5, 9, 2};

struct Bench {
  testing::FakeLog log;
  Decode decode{log};
  DecodeOut out;  // output for the latest message

  void step(DecodeIn message) {
    out = DecodeOut{};
    decode.process(std::move(message), out);
  }
  void answer(AskedFor purpose, const std::string& payload, const ErrorPtr& error = nullptr) {
    step(Answer{"a.b", std::move(purpose), payload, error});
  }
  void event(const std::string& name, const std::string& payload) {
    step(ServiceMessage{resource_handle(0, 3), "event.a.b." + name, payload});
  }
  template <typename T>
  T cache() const {
    const auto found = testing::only<T>(out.cache);
    REQUIRE(found.size() == 1);
    return found[0];
  }
  template <typename T>
  T body() const {
    const auto e = cache<ServiceEvent>();
    REQUIRE(std::holds_alternative<T>(e.body));
    return std::get<T>(e.body);
  }
  bool nothing() const { return out.cache.empty() && out.session.empty() && out.authorize.empty(); }
};

}  // namespace

TEST_CASE("Decode: answers to get requests", "[decode]") {
  Bench bench;
  bench.answer(GetFor{4, true}, R"({"result":{"model":{"a":1}}})");
  CHECK(bench.cache<GetAnswer>().resource.value() == 4);
  CHECK(bench.cache<GetAnswer>().reset);
  CHECK(testing::text_of(bench.cache<GetAnswer>().result.value.resource.properties) == R"({"a":1})");
  bench.answer(GetFor{4, false}, "", errors::timeout);
  CHECK(bench.cache<GetAnswer>().result.error == errors::timeout);
  bench.answer(GetFor{4, false}, "x");
  CHECK(testing::code_of(bench.cache<GetAnswer>().result.error) == "system.internalError");
}

TEST_CASE("Decode: answers to access requests pass through the resource's lane", "[decode]") {
  Bench bench;
  bench.answer(AccessFor{kConn, make_rid("a.b"), 8}, R"({"result":{"get":true,"call":"x"}})");
  CHECK(bench.cache<OrderedReply>().name == "a.b");
  const auto reply = testing::message_as<AccessReply>(bench.cache<OrderedReply>().message);
  CHECK(reply.conn == kConn);
  CHECK(reply.serial == 8);
  CHECK(reply.access.get);
  CHECK(reply.access.call == "x");
  bench.answer(AccessFor{kConn, make_rid("a.b"), 8}, "", errors::timeout);
  CHECK(testing::message_as<AccessReply>(bench.cache<OrderedReply>().message).error == errors::timeout);
  CHECK_FALSE(testing::message_as<AccessReply>(bench.cache<OrderedReply>().message).access.get);
}

TEST_CASE("Decode: answers to calls pass through the resource's lane", "[decode]") {
  Bench bench;
  const auto reply = [&](bool new_method, const std::string& payload) {
    bench.answer(CallFor{kConn, 6, RequestKind::call, new_method}, payload);
    CHECK(bench.cache<OrderedReply>().name == "a.b");
    return testing::message_as<CallReply>(bench.cache<OrderedReply>().message);
  };
  CHECK(reply(false, R"({"result":{"rid":"c"}})").result.result == R"({"rid":"c"})");
  CHECK(reply(false, R"({"result":1})").id == 6);
  CHECK(reply(false, R"({"result":1})").conn == kConn);
  CHECK(testing::text_of(reply(false, R"({"resource":{"rid":"c"}})").result.resource) == "c");
  CHECK(testing::code_of(reply(false, R"({"error":{"code":"x","message":"y"}})").error) == "x");
  // A method named "new" may answer in the form of RES protocol 1.1.
  CHECK(testing::text_of(reply(true, R"({"result":{"rid":"c"}})").result.resource) == "c");
  CHECK(reply(true, R"({"result":{"rid":"c"}})").result.result.empty());
  CHECK(reply(true, R"({"result":1})").result.result == "1");
  CHECK(testing::code_of(reply(true, R"({"result":{"rid":"c."}})").error) == "system.internalError");
  bench.answer(CallFor{kConn, 6, RequestKind::auth, false}, "", errors::not_found);
  CHECK(testing::message_as<CallReply>(bench.cache<OrderedReply>().message).error == errors::not_found);
}

TEST_CASE("Decode: answers to query requests", "[decode]") {
  Bench bench;
  bench.answer(QueryFor{2, 4}, R"({"result":{"events":[{"event":"add","data":{"idx":1,"value":2}},)"
                               R"({"event":"add","data":{"idx":"x"}},{"event":"remove","data":{"idx":0}}]}})");
  const auto events = bench.cache<QueryAnswer>();
  CHECK(events.name_handle.value() == 2);
  CHECK(events.resource.value() == 4);
  REQUIRE(events.events.size() == 2);
  CHECK(std::get<AddEvent>(events.events[0].body).idx == 1);
  CHECK(std::get<RemoveEvent>(events.events[1].body).idx == 0);
  CHECK(bench.decode.malformed() == 1);
  bench.answer(QueryFor{2, 4}, R"({"result":{"model":{"a":1}}})");
  CHECK(bench.cache<QueryAnswer>().state);
  bench.answer(QueryFor{2, 4}, "", errors::timeout);
  CHECK(bench.cache<QueryAnswer>().error == errors::timeout);
  bench.answer(QueryFor{2, 4}, "[");
  CHECK(bench.cache<QueryAnswer>().error);
}

TEST_CASE("Decode: answers to token resets may be discarded", "[decode]") {
  Bench bench;
  bench.answer(TokenResetFor{kConn}, "whatever");
  CHECK(bench.nothing());
  CHECK(bench.log.lines.empty());
  bench.answer(TokenResetFor{kConn}, "", errors::timeout);
  CHECK(bench.nothing());
  CHECK(bench.log.errors() == 1);
}

TEST_CASE("Decode: resource events by their names", "[decode]") {
  Bench bench;
  bench.event("change", R"({"values":{"a":1}})");
  CHECK(bench.cache<ServiceEvent>().handle == resource_handle(0, 3));
  CHECK(bench.cache<ServiceEvent>().name == "change");
  CHECK(testing::text_of(bench.body<ChangeEvent>().values) == R"({"a":1})");
  bench.event("add", R"({"idx":1,"value":"x"})");
  CHECK(bench.body<AddEvent>().idx == 1);
  bench.event("remove", R"({"idx":4})");
  CHECK(bench.body<RemoveEvent>().idx == 4);
  bench.event("delete", "");
  CHECK(bench.body<DeleteEvent>().data.empty());
  bench.event("delete", R"({"by":"ann"})");
  CHECK(bench.body<DeleteEvent>().data == R"({"by":"ann"})");
  bench.event("reaccess", "");
  bench.body<ReaccessEvent>();
  bench.event("query", R"({"subject":"inbox.1"})");
  CHECK(bench.body<QueryEventSubject>().subject == "inbox.1");
  // RES-Service protocol: "Payload is defined by the service, and will be passed to the client without alteration."
  bench.event("custom", R"({ "a" : 1.0 })");
  CHECK(bench.cache<ServiceEvent>().name == "custom");
  CHECK(bench.body<CustomEvent>().data == R"({ "a" : 1.0 })");
  bench.event("custom", "");
  CHECK(bench.body<CustomEvent>().data.empty());
  CHECK(bench.decode.malformed() == 0);
}

TEST_CASE("Decode: a resource is deleted whatever is wrong with the data of the event", "[decode]") {
  Bench bench;
  bench.event("delete", "{");
  CHECK(bench.body<DeleteEvent>().data.empty());
  CHECK(bench.decode.malformed() == 1);
  CHECK(bench.log.errors() == 1);
}

TEST_CASE("Decode: a service that spells members in another case is understood, and told of once", "[decode]") {
  Bench bench;
  bench.answer(GetFor{4, false}, R"({"Result":{"Model":{"a":1}}})");
  CHECK(testing::text_of(bench.cache<GetAnswer>().result.value.resource.properties) == R"({"a":1})");
  CHECK(bench.log.errors() == 1);
  CHECK(bench.log.has("Service [a] spells members of its messages in another letter case"));
  bench.event("change", R"({"Values":{"b":1}})");
  CHECK(testing::text_of(bench.body<ChangeEvent>().values) == R"({"b":1})");
  bench.answer(AccessFor{kConn, make_rid("a.b"), 8}, R"({"RESULT":{"Get":true}})");
  CHECK(testing::message_as<AccessReply>(bench.cache<OrderedReply>().message).access.get);
  CHECK(bench.log.errors() == 1);
  bench.step(ServiceMessage{resource_handle(0, 4), "event.other.x.query", R"({"Subject":"s"})"});
  CHECK(bench.body<QueryEventSubject>().subject == "s");
  CHECK(bench.log.errors() == 2);
  CHECK(bench.log.has("Service [other]"));
  bench.step(ServiceMessage{kSystemHandle, "system.reset", R"({"Resources":["a.>"]})"});
  CHECK(bench.cache<SystemReset>().resources == std::vector<std::string>{"a.>"});
  CHECK(bench.log.errors() == 3);
  CHECK(bench.decode.malformed() == 0);
}

TEST_CASE("Decode: a service that answers new calls as in RES protocol 1.1 is told of once", "[decode]") {
  Bench bench;
  for (int i = 0; i < 3; ++i) {
    bench.answer(CallFor{kConn, 6, RequestKind::call, true}, R"({"result":{"rid":"c"}})");
    CHECK(bench.log.errors() == 1);
  }
  CHECK(bench.log.has("Deprecation warning for service [a] - new call request v1.1"));
  bench.step(Answer{"b.c", CallFor{kConn, 6, RequestKind::call, true}, R"({"result":{"rid":"c"}})", nullptr});
  CHECK(bench.log.errors() == 2);
  bench.step(Answer{"d.c", CallFor{kConn, 6, RequestKind::call, true}, R"({"resource":{"rid":"c"}})", nullptr});
  CHECK(bench.log.errors() == 2);
}

TEST_CASE("Decode: what is told once a service has its bound", "[decode]") {
  OncePerService once;
  CHECK(once.first("a.b"));
  CHECK_FALSE(once.first("a.c"));
  CHECK_FALSE(once.first("a"));
  for (std::size_t i = 1; i < OncePerService::kMaxServices; ++i) CHECK(once.first("s" + std::to_string(i)));
  CHECK_FALSE(once.first("one.more"));
}

TEST_CASE("Decode: malformed events go no further, and are counted and logged", "[decode]") {
  Bench bench;
  std::size_t count = 0;
  const auto check = [&](const std::string& name, const std::string& payload) {
    INFO(name << ' ' << payload);
    bench.event(name, payload);
    CHECK(bench.nothing());
    CHECK(bench.decode.malformed() == ++count);
    CHECK(bench.log.errors() == count);
    CHECK(bench.log.has("event.a.b." + name));
  };
  check("change", "");
  check("change", R"({"values":{"a":[]}})");
  check("add", R"({"idx":1})");
  check("remove", "[]");
  check("query", "{}");
  check("query", R"({"subject":"a\r\nPUB b 0\r\n"})");
  check("custom", "{");
  check("custom", "\"\xFF\"");
  check("cust\xFFom", "{}");  // a subject may contain any bytes
  // A custom event named "unsubscribe" would tell clients that they have lost the resource.
  check("unsubscribe", "{}");
}

TEST_CASE("Decode: connection events", "[decode]") {
  Bench bench;
  const auto step = [&](const std::string& name, const std::string& payload) {
    bench.step(ServiceMessage{connection_handle(kConn), "conn.cid." + name, payload});
  };
  step("token", R"({"token":{"a":1},"tid":"t"})");
  const auto tokens = testing::only<TokenSet>(bench.out.session);
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].conn == kConn);
  CHECK(tokens[0].event.token == R"({"a":1})");
  CHECK(tokens[0].event.tid == "t");
  step("token", "{");
  CHECK(bench.nothing());
  CHECK(bench.decode.malformed() == 1);
  step("other", "{}");
  CHECK(bench.nothing());
}

TEST_CASE("Decode: system events", "[decode]") {
  Bench bench;
  const auto step = [&](const std::string& subject, const std::string& payload) {
    bench.step(ServiceMessage{kSystemHandle, subject, payload});
  };
  step("system.reset", R"({"resources":["a.>"]})");
  CHECK(bench.cache<SystemReset>().resources == std::vector<std::string>{"a.>"});
  step("system.tokenReset", R"({"tids":["1"],"subject":"auth.a.b"})");
  REQUIRE(testing::only<TokenReset>(bench.out.authorize).size() == 1);
  CHECK(testing::only<TokenReset>(bench.out.authorize)[0].subject == "auth.a.b");
  for (const char* subject : {"system.other", "system.reset.x"}) {
    step(subject, "{}");
    CHECK(bench.nothing());
  }
  step("system.reset", "[]");
  CHECK(bench.nothing());
  CHECK(bench.decode.malformed() == 1);
}

TEST_CASE("Handles: what they are for can be told, and a connection read back", "[decode]") {
  CHECK(handle_kind(kSystemHandle) == HandleKind::system);
  CHECK(handle_kind(resource_handle(0, 1)) == HandleKind::resource);
  CHECK(handle_kind(resource_handle(0, (std::uint64_t{63} << 48) | 0xFFFF'FFFF)) == HandleKind::resource);
  for (const ConnId conn : {ConnId{0, 0, 0}, ConnId{kConnMask, 1, 63}, ConnId{7, kConnMask, 255}, ConnId{1, 2, 3}}) {
    CHECK(handle_kind(connection_handle(conn)) == HandleKind::connection);
    CHECK(connection_of(connection_handle(conn)) == conn);
  }
}

TEST_CASE("Decode: what is said about the response goes along", "[decode]") {
  Bench bench;
  bench.answer(AccessFor{kConn, make_rid("a.b"), 8}, R"({"result":{"get":true},"meta":{"status":404}})");
  CHECK(testing::message_as<AccessReply>(bench.cache<OrderedReply>().message).access.meta->status == 404U);
  const MetaPtr of_access = std::make_shared<const Meta>(Meta{std::nullopt, {{"X-A", "1"}, {"X-B", "1"}}, {}});
  const auto call = [&](const std::string& payload, const ErrorPtr& error = nullptr, bool new_method = false) {
    bench.answer(CallFor{kConn, 6, RequestKind::call, new_method, of_access}, payload, error);
    return testing::message_as<CallReply>(bench.cache<OrderedReply>().message);
  };
  const std::string meta = R"("meta":{"status":503,"header":{"X-A":["2"]}}})";
  for (const std::string& reply : {R"({"result":1,)" + meta, R"({"error":{"code":"a","message":"b"},)" + meta}) {
    CHECK(call(reply).result.meta->status == 503U);
    CHECK(call(reply).result.meta->headers == Headers{{"X-B", "1"}, {"X-A", "2"}});
  }
  CHECK(call(R"({"result":1})").result.meta == of_access);
  CHECK(call("", errors::timeout).result.meta == of_access);
  CHECK(call("nonsense").result.meta == of_access);
  const CallReply legacy = call(R"({"result":{"rid":"c"},)" + meta, nullptr, true);
  CHECK(testing::text_of(legacy.result.resource) == "c");
  CHECK(legacy.result.meta->status == 503U);
  CHECK(bench.log.errors() == 1);  // logs that the reply has the old form
}

TEST_CASE("Decode: what cannot be used of it is complained of", "[decode]") {
  Bench bench;
  bench.answer(AccessFor{kConn, make_rid("a.b"), 8}, R"({"result":{"get":true},"meta":{"status":200}})");
  CHECK(testing::message_as<AccessReply>(bench.cache<OrderedReply>().message).access.get);
  CHECK(bench.log.has("Invalid meta status: 200"));
  bench.answer(CallFor{kConn, 6, RequestKind::call, false}, R"({"result":1,"meta":{"header":{"X Y":["1"]}}})");
  CHECK(bench.log.has("Invalid meta header: X Y"));
  CHECK(bench.log.errors() == 2);
}

TEST_CASE("Decode: replies that are malformed are counted, errors of services are not", "[decode][statistics]") {
  Bench bench;
  const std::vector<AskedFor> purposes{GetFor{4, false}, QueryFor{2, 4}, AccessFor{kConn, make_rid("a.b"), 8},
                                       CallFor{kConn, 6, RequestKind::call, false}};
  std::uint64_t count = 0;
  for (const AskedFor& purpose : purposes) {
    bench.answer(purpose, R"({"error":{"code":"system.internalError","message":"Internal error"}})");
    bench.answer(purpose, "", errors::timeout);
    CHECK(bench.decode.malformed() == count);
    bench.answer(purpose, "[");
    CHECK(bench.decode.malformed() == ++count);
    bench.answer(purpose, "{}");
    CHECK(bench.decode.malformed() == ++count);
  }
  bench.answer(GetFor{4, false}, R"({"result":{}})");
  CHECK(bench.decode.malformed() == ++count);
  bench.answer(CallFor{kConn, 6, RequestKind::call, true}, R"({"result":{"rid":"a."}})");
  CHECK(bench.decode.malformed() == ++count);
}

TEST_CASE("Decode: a refusal goes to whom the subscription belongs", "[decode]") {
  Bench bench;
  bench.step(SubscriptionRefused{resource_handle(0, 3), SubscriptionRefusal::limit});
  CHECK(bench.cache<SubscriptionRefused>().handle == resource_handle(0, 3));
  bench.step(SubscriptionRefused{connection_handle(kConn), SubscriptionRefusal::limit});
  CHECK(bench.out.cache.empty());
  CHECK(testing::only<SubscriptionRefused>(bench.out.authorize).size() == 1);
}

TEST_CASE("Decode: after a connection was replaced everything may be out of date", "[decode]") {
  Bench bench;
  bench.step(ServicesRestored{});
  const auto reset = bench.cache<SystemReset>();
  CHECK(reset.resources == std::vector<std::string>{">"});
  CHECK(reset.access == std::vector<std::string>{">"});
}
