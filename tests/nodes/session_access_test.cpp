// session: RES-Service protocol, "Reaccess event" and "Connection token event"; RES-Client protocol, "Unsubscribe
// event"; calls.
#include <catch2/catch.hpp>

#include "tests/nodes/session_bench.hpp"

using namespace resflow;
using testing::Lines;
using testing::SessionBench;

TEST_CASE("Session access: after reaccess events wait for the verdict", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.reaccess("a");
  CHECK(bench.asked() == Lines{"recheck a"});
  CHECK(bench.sent().empty());
  bench.custom("a", "ping");
  CHECK(bench.sent().empty());
  SECTION("allowed") {
    bench.allow("a");
    CHECK(bench.sent() == Lines{"a.ping"});
  }
  SECTION("denied: none of them is sent") {
    bench.deny("a");
    CHECK(bench.sent() == Lines{"a.unsubscribe"});
    CHECK(bench.cache() == Lines{"unsubscribe a"});
    CHECK(bench.asked() == Lines{"release a"});
    const auto deliveries = testing::only<Delivery>(bench.out().encode);
    CHECK(deliveries.at(0).event->data == R"({"reason":{"code":"system.accessDenied","message":"Access denied"}})");
  }
  SECTION("unsubscribed meanwhile") {
    bench.unsubscribe(1, "a");
    CHECK(bench.sent() == Lines{"#1 empty"});
    bench.deny("a");
    CHECK(bench.sent().empty());
  }
}

TEST_CASE("Session access: a verdict that a reaccess event has overtaken is void", "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a");
  const auto verdict = [&](std::uint32_t number, const ErrorPtr& denied) {
    bench.step(Verdict{ConnId{0, 1, 0}, make_rid("a"), number, denied});
  };
  SECTION("of a request") {
    bench.subscribe(1, "a");
    const std::uint32_t overtaken = bench.number("a");
    bench.reaccess("a");
    CHECK(bench.asked() == Lines{"recheck a"});
    verdict(overtaken, nullptr);
    CHECK(bench.sent().empty());
    verdict(bench.number("a"), errors::access_denied);
    CHECK(bench.sent() == Lines{"#1 system.accessDenied"});
  }
  SECTION("of a request that waits for its references") {
    bench.subscribe(1, "d");
    bench.allow("d");
    bench.load("d", {"b"});
    bench.load("b", {"c"});
    bench.subscribe(2, "b");
    bench.allow("b");
    bench.reaccess("b");  // request 2 has a verdict on b, and waits for c
    bench.load("c");
    CHECK(bench.sent() == Lines{"#1 set{b,c,d}"});
    CHECK(bench.asked() == Lines{"recheck b"});
    bench.deny("b");
    CHECK(bench.sent() == Lines{"#2 system.accessDenied"});
  }
  SECTION("of a direct subscription") {
    bench.subscribe(1, "a");
    bench.allow("a");
    bench.reaccess("a");
    const std::uint32_t overtaken = bench.number("a");
    bench.token("{}");
    verdict(overtaken, nullptr);
    bench.custom("a", "ping");
    CHECK(bench.sent().empty());
    verdict(bench.number("a"), errors::access_denied);
    CHECK(bench.sent() == Lines{"a.unsubscribe", "a.ping"});
  }
}

TEST_CASE("Session access: all direct subscriptions are revoked at once", "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a");
  for (std::uint64_t id = 1; id < 4; ++id) {
    bench.subscribe(id, "a");
    bench.allow("a");
  }
  bench.reaccess("a");
  bench.custom("a", "ping");
  bench.deny("a");
  // The client still holds the resource by a reference, so it still gets the events.
  CHECK(bench.sent() == Lines{"a.unsubscribe", "a.ping"});
  CHECK(bench.cache().empty());
  bench.unsubscribe(4, "a");
  CHECK(bench.sent() == Lines{"#4 system.noSubscription"});
}

TEST_CASE("Session access: without direct subscription there is nothing to revoke", "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a");
  bench.reaccess("a");
  CHECK(bench.asked().empty());
  bench.custom("a", "ping");
  CHECK(bench.sent() == Lines{"a.ping"});
  // After a call there is a remembered verdict, which the reaccess event makes void.
  bench.call(1, "a", "set");
  bench.reaccess("a");
  CHECK(bench.asked() == Lines{"forget a"});
}

TEST_CASE("Session access: reaccess while the resource is being loaded is followed behind the answer", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.load("a", {"b"});
  bench.allow("a");
  bench.reaccess("a");
  CHECK(bench.sent().empty());
  bench.custom("a", "ping");
  bench.load("b");
  CHECK(bench.sent() == Lines{"#1 set{a,b}"});
  CHECK(bench.asked() == Lines{"recheck a"});
  bench.deny("a");
  CHECK(bench.sent() == Lines{"a.unsubscribe"});
}

TEST_CASE("Session access: reaccess counts even when the state is loaded anew", "[session]") {
  SessionBench bench(SessionLimits{.waiting_events = 3});
  bench.subscribe(1, "a");
  bench.allow("a");
  bench.load("a", {"b"});
  bench.reaccess("a");
  Lines asked = bench.asked();
  for (int i = 0; i < 4; ++i) {
    bench.custom("a", "ping");
    for (const std::string& line : bench.asked()) asked.push_back(line);
  }
  CHECK(bench.cache() == Lines{"subscribe a", "unsubscribe a"});
  bench.load("a");
  bench.load("b");  // b was asked for while the old state of a referred to it
  CHECK(asked == Lines{"recheck a"});
  CHECK(bench.sent().empty());  // the verdict is older than the reaccess event
  bench.allow("a");
  CHECK(bench.sent() == Lines{"#1 set{a}"});
  CHECK(bench.asked().empty());
}

// A direct subscription that exists when its resource is deleted is ended. One that is asked for at that time must not
// begin with the dead resource.
TEST_CASE("Session access: a resource that is deleted is loaded again for the requests under way", "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a");
  bench.subscribe(1, "a");
  bench.get(2, "a");
  bench.remove("a");
  CHECK(bench.sent() == Lines{"a.delete"});
  bench.allow("a");
  CHECK(bench.sent().empty());
  CHECK(bench.cache() == Lines{"subscribe a"});
  CHECK(bench.asked() == Lines{"recheck a"});
  bench.allow("a");
  bench.fail("a", errors::not_found);
  CHECK(bench.sent() == Lines{"#1 system.notFound", "#2 system.notFound"});
}

// While there is an error in place of the state, no reaccess event can come.
TEST_CASE("Session access: a verdict from before a failure is void when the resource is loaded again", "[session]") {
  SessionBench bench;
  bench.subscribed("p");
  bench.subscribe(1, "a");
  bench.change("p", {"a"});
  bench.fail("a", errors::timeout);
  CHECK(bench.sent() == Lines{"p.change{!a}"});
  bench.change("p", {}, {"a"});
  bench.allow("a");
  CHECK(bench.cache() == Lines{"subscribe a"});
  CHECK(bench.asked() == Lines{"recheck a"});
  bench.load("a");
  CHECK(bench.sent().empty());
  bench.deny("a");
  CHECK(bench.sent() == Lines{"#1 system.accessDenied"});
}

TEST_CASE("Session access: reaccess while an event is made ready is followed behind it", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.change("a", {"b"});
  bench.reaccess("a");
  CHECK(bench.asked().empty());
  bench.custom("a", "ping");
  bench.load("b");
  CHECK(bench.sent() == Lines{"a.change{b}"});
  CHECK(bench.asked() == Lines{"recheck a"});
  bench.allow("a");
  CHECK(bench.sent() == Lines{"a.ping"});
}

TEST_CASE("Session access: a verdict serves a request that came while it was awaited again", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.reaccess("a");
  bench.subscribe(1, "a");
  CHECK(bench.asked().empty());
  SECTION("allowed") {
    bench.allow("a");
    CHECK(bench.sent() == Lines{"#1 set"});
  }
  SECTION("denied") {
    bench.deny("a");
    CHECK(bench.sent() == Lines{"a.unsubscribe", "#1 system.accessDenied"});
  }
}

TEST_CASE("Session access: a new token has all direct subscriptions judged again", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.load("b");
  bench.subscribed("c");
  bench.token("{}");
  CHECK(bench.asked() == Lines{"token a c"});
  bench.custom("a", "ping");
  CHECK(bench.sent().empty());
  bench.custom("b", "ping");
  CHECK(bench.sent() == Lines{"b.ping"});
  bench.allow("a");
  CHECK(bench.sent() == Lines{"a.ping"});
  bench.deny("c");
  CHECK(bench.sent() == Lines{"c.unsubscribe"});
}

TEST_CASE("Session access: a new token has requests and direct subscriptions judged by one verdict", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribe(1, "a");
  bench.subscribe(2, "a");
  bench.token("{}");
  const std::uint32_t latest = bench.number("a");
  for (std::uint32_t earlier = 0; earlier < latest; ++earlier) {
    bench.step(Verdict{SessionBench::conn(0), make_rid("a"), earlier, nullptr});
    CHECK(bench.sent().empty());
  }
  bench.deny("a");
  CHECK(bench.sent() == Lines{"a.unsubscribe", "#1 system.accessDenied", "#2 system.accessDenied"});
}

// RES-Service protocol: "A change of token will invalidate any previous access response received using the old token."
TEST_CASE("Session access: a verdict from before a new token is not enough for a subscription under way", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.allow("a");
  bench.token(R"({"user":2})");
  bool judged_again = bench.asked() == Lines{"token a"} || bench.asked().size() > 1;
  bench.load("a");
  judged_again = judged_again || !bench.asked().empty();
  CHECK(judged_again);
}

TEST_CASE("Session calls: payloads", "[session]") {
  SessionBench bench;
  bench.version("1.2.0");
  bench.call(1, "a", "set");
  const auto calls = testing::only<Call>(bench.out().authorize);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].method == "set");
  CHECK(calls[0].params == "[1]");
  CHECK_FALSE(calls[0].subscribed);
  bench.answer(1, R"({"x":1})");
  CHECK(bench.sent() == Lines{R"(#1 payload {"x":1})"});
  bench.call(2, "a", "set");
  bench.step(CallReply{SessionBench::conn(0), 2, RequestKind::call, {}, errors::timeout});
  CHECK(bench.sent() == Lines{"#2 system.timeout"});
  bench.call(3, "a", "login", RequestKind::auth);
  CHECK(bench.asked() == Lines{"auth a.login"});
  bench.answer(3, "null", RequestKind::auth);
  CHECK(bench.sent() == Lines{"#3 payload null"});
}

TEST_CASE("Session calls: on what the client holds, the verdict is remembered", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b", "c"});
  bench.load("b");
  bench.fail("c", errors::not_found);
  const auto subscribed = [&](const std::string& rid) {
    bench.call(1, rid, "set");
    return testing::only<Call>(bench.out().authorize).at(0).subscribed;
  };
  CHECK(subscribed("a"));
  CHECK(subscribed("b"));
  bench.unsubscribe(2, "a");
  Lines asked = bench.asked();
  std::sort(asked.begin(), asked.end());
  CHECK(std::count(asked.begin(), asked.end(), "release a") == 1);
  CHECK(std::count(asked.begin(), asked.end(), "release b") == 1);
}

// A resource that is not in the cache gets no reaccess event, so a verdict on it must not be kept.
TEST_CASE("Session calls: on what could not be loaded, the verdict serves one call", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"c"});
  bench.fail("c", errors::not_found);
  bench.call(1, "c", "create");
  CHECK_FALSE(testing::only<Call>(bench.out().authorize).at(0).subscribed);
}

// A reaccess event that came while the resource had failed was not heard. So a verdict that was asked for then does not
// count when the resource is loaded again.
TEST_CASE("Session access: a verdict that was asked for while the resource had failed is asked for again",
          "[session]") {
  SessionBench bench;
  bench.subscribe(1, "m");
  bench.allow("m");
  bench.load("m", {"c", "d"});
  bench.fail("c", errors::not_found);
  bench.subscribe(2, "c");
  CHECK(bench.asked() == Lines{"question c"});
  bench.load("d");
  CHECK(bench.sent() == Lines{"#1 set{!c,d,m}"});
  SECTION("the client lets go of the error before the verdict comes") {
    bench.change("m", {}, {"c"});
    bench.allow("c");
    CHECK(bench.cache() == Lines{"subscribe c"});
    CHECK(bench.asked() == Lines{"recheck c"});
  }
  SECTION("another request has the resource loaded again before the verdict comes") {
    bench.subscribe(3, "c");
    CHECK(bench.cache() == Lines{"subscribe c"});
    CHECK(bench.asked() == Lines{"recheck c"});
  }
}

// RES-Client protocol: "In case of a resource ID, the resource is considered directly subscribed."
TEST_CASE("Session calls: a resource as the answer is subscribed directly", "[session]") {
  SessionBench bench;
  bench.version("1.2.3");
  bench.answer_with_resource(1, "a");
  CHECK(bench.asked() == Lines{"question a"});
  bench.allow("a");
  bench.load("a", {"b"});
  bench.load("b");
  CHECK(bench.sent() == Lines{"#1 resource a{a,b}"});
  bench.answer_with_resource(2, "a", RequestKind::auth);
  bench.allow("a");
  CHECK(bench.sent() == Lines{"#2 resource a"});
  bench.unsubscribe(3, "a", 2);
  CHECK(bench.sent() == Lines{"#3 empty"});
}

TEST_CASE("Session calls: the call succeeded, though its resource cannot be had", "[session]") {
  SessionBench bench;
  bench.version("1.2.3");
  bench.answer_with_resource(1, "a");
  SECTION("denied") {
    bench.deny("a");
  }
  SECTION("not found") {
    bench.allow("a");
    bench.fail("a", errors::not_found);
  }
  CHECK(bench.sent() == Lines{"#1 resource a{!a}"});
  bench.unsubscribe(2, "a");
  CHECK(bench.sent() == Lines{"#2 system.noSubscription"});
}

TEST_CASE("Session calls: before 1.2.0 results came bare, and resources unsubscribed", "[session]") {
  SessionBench bench;
  bench.answer(1, "42");
  CHECK(bench.sent() == Lines{"#1 result 42"});
  bench.answer_with_resource(2, "a");
  CHECK(bench.sent() == Lines{"#2 resource a"});
  CHECK(bench.cache().empty());
}

TEST_CASE("Session calls: new requests", "[session]") {
  SessionBench bench;
  bench.call(1, "a", "new", RequestKind::create);
  CHECK(bench.asked() == Lines{"call a.new"});
  bench.answer(1, "42", RequestKind::create);
  CHECK(bench.sent() == Lines{"#1 system.internalError"});
  CHECK(testing::only<Reply>(bench.out().encode).at(0).error->message ==
        "Internal error: non-resource response on new request");
  bench.answer_with_resource(2, "b", RequestKind::create);
  bench.allow("b");
  bench.load("b");
  CHECK(bench.sent() == Lines{"#2 resource b{b}"});
}
