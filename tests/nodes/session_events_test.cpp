// session: RES-Client protocol, "Events". Clients get events in order, only on resources that they hold, and with all
// resources that an event makes them hold.
#include <catch2/catch.hpp>
#include <set>

#include "tests/nodes/session_bench.hpp"

using namespace resflow;
using testing::Lines;
using testing::SessionBench;

TEST_CASE("Session events: those before the answer are sent behind it", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.load("a", {"b"});
  bench.custom("a", "first");
  bench.change("a");
  CHECK(bench.sent().empty());
  bench.load("b");
  bench.custom("b", "other");
  bench.allow("a");
  REQUIRE(bench.sent().size() == 4);
  CHECK(bench.sent()[0] == "#1 set{a,b}");
  const Lines sent = bench.sent();
  CHECK(std::set<std::string>(sent.begin() + 1, sent.end()) == std::set<std::string>{"a.first", "a.change", "b.other"});
  CHECK(std::find(sent.begin(), sent.end(), "a.first") < std::find(sent.begin(), sent.end(), "a.change"));
}

TEST_CASE("Session events: a new reference is loaded first, and comes with the event", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.change("a", {"b", "c", "b"});
  CHECK(bench.sent().empty());
  CHECK(bench.cache() == Lines{"subscribe b", "subscribe c"});
  bench.custom("a", "later");
  CHECK(bench.sent().empty());
  bench.load("b", {"a", "d"});
  bench.fail("c", errors::not_found);
  CHECK(bench.sent().empty());
  bench.load("d");
  CHECK(bench.sent() == Lines{"a.change{!c,b,d}", "a.later"});
  bench.change("a", {"d"}, {"b", "b"});
  CHECK(bench.sent() == Lines{"a.change"});
  CHECK(bench.cache() == Lines{"unsubscribe b"});
}

TEST_CASE("Session events: what only moves is not let go", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.load("b");
  bench.change("a", {"b"}, {"b"});
  CHECK(bench.sent() == Lines{"a.change"});
  CHECK(bench.cache().empty());
  bench.change("a", {}, {"b"});
  CHECK(bench.cache() == Lines{"unsubscribe b"});
  bench.custom("b", "ping");
  CHECK(bench.sent().empty());
}

TEST_CASE("Session events: those of other resources do not wait", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribed("z");
  bench.change("a", {"b"});
  bench.custom("z", "ping");
  CHECK(bench.sent() == Lines{"z.ping"});
}

TEST_CASE("Session events: two events that need the same resource", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribed("b");
  bench.change("a", {"c"});
  bench.change("b", {"c"});
  CHECK(bench.cache().empty());
  bench.load("c");
  const Lines sent = bench.sent();
  REQUIRE(sent.size() == 2);
  // Whichever event is sent first carries c.
  CHECK((sent == Lines{"a.change{c}", "b.change"} || sent == Lines{"b.change{c}", "a.change"}));
}

TEST_CASE("Session events: what was there when an event began to wait may be gone when it can be sent", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribed("b");
  bench.change("a", {"b", "c"});
  bench.unsubscribe(1, "b");
  CHECK(bench.sent() == Lines{"#1 empty"});
  bench.load("c");
  CHECK(bench.sent().empty());
  CHECK(bench.cache() == Lines{"subscribe b"});
  bench.load("b");
  CHECK(bench.sent() == Lines{"a.change{b,c}"});
}

TEST_CASE("Session events: an unsubscribed resource takes its waiting events along", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.change("a", {"b"});
  bench.custom("a", "later");
  bench.unsubscribe(1, "a");
  CHECK(bench.sent() == Lines{"#1 empty"});
  CHECK(bench.cache() == Lines{"unsubscribe a", "withdraw b"});
  bench.load("b");
  CHECK(bench.sent().empty());
  CHECK(bench.cache() == Lines{"unsubscribe b"});
}

// RES-Client protocol: "The resource is still to be considered subscribed, but the client will not receive any more
// events."
TEST_CASE("Session events: delete", "[session]") {
  SessionBench bench;
  SECTION("of what is subscribed directly") {
    bench.subscribed("a", {"b"});
    bench.load("b");
    bench.remove("a");
    CHECK(bench.sent() == Lines{"a.delete", "a.unsubscribe"});
    CHECK(bench.cache() == Lines{"unsubscribe b"});
    bench.custom("a", "ping");
    CHECK(bench.sent().empty());
    bench.unsubscribe(1, "a");
    CHECK(bench.sent() == Lines{"#1 system.noSubscription"});
  }
  SECTION("of what is referred to") {
    bench.subscribed("p", {"a"});
    bench.load("a", {"b"});
    bench.load("b");
    bench.remove("a");
    CHECK(bench.sent() == Lines{"a.delete"});
    bench.custom("b", "ping");
    CHECK(bench.sent() == Lines{"b.ping"});
    bench.change("p", {}, {"a"});
    CHECK(bench.sent() == Lines{"p.change"});
    CHECK(bench.cache() == Lines{"unsubscribe b"});
  }
}

TEST_CASE("Session events: what has no events any more is revoked, and only who refers to it is told that it ends",
          "[session]") {
  SessionBench bench;
  const bool referred = GENERATE(false, true);
  bench.subscribed("a");
  if (referred) bench.subscribed("b", {"a"});
  bench.lose("a", errors::service_unavailable);
  CHECK(bench.sent() == (referred ? Lines{"a.delete", "a.unsubscribe"} : Lines{"a.unsubscribe"}));
}

TEST_CASE("Session events: what was deleted can be subscribed to when it is there again", "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a", {"b"});
  bench.load("b");
  bench.remove("a");
  bench.subscribe(1, "a");
  CHECK(bench.cache() == Lines{"subscribe a"});
  bench.allow("a");
  bench.load("a", {"c"});
  bench.load("c");
  CHECK(bench.sent() == Lines{"#1 set{a,c}"});
  // The new state does not refer to b.
  CHECK(bench.cache() == Lines{"unsubscribe b"});
  bench.custom("a", "ping");
  CHECK(bench.sent() == Lines{"a.ping"});
}

TEST_CASE("Session events: what a deleted resource referred to is let go when an event brings its new state",
          "[session]") {
  SessionBench bench;
  bench.subscribed("p", {"a"});
  bench.load("a", {"b"});
  bench.load("b");
  bench.remove("a");
  bench.get(1, "a");
  bench.allow("a");
  bench.load("a");
  CHECK(bench.sent() == Lines{"#1 set{a}"});
  bench.change("p", {"a"});
  if (bench.sent() == Lines{"p.change{a}"}) {
    CHECK(bench.cache() == Lines{"unsubscribe b"});
    bench.custom("b", "ping");
    CHECK(bench.sent().empty());
  } else {
    CHECK(bench.sent() == Lines{"p.change"});
    bench.custom("b", "ping");
    CHECK(bench.sent() == Lines{"b.ping"});
  }
}

TEST_CASE("Session events: one message for all who need nothing else", "[session]") {
  SessionBench bench;
  bench.connect(1);
  bench.connect(2);
  bench.version("1.2.3", 2);
  for (const std::uint32_t slot : {0u, 1u, 2u}) bench.subscribed("a", {}, slot);
  bench.custom("a", "ping");
  const auto deliveries = testing::only<Delivery>(bench.out().encode);
  REQUIRE(deliveries.size() == 2);
  CHECK(deliveries[0].to.size() + deliveries[1].to.size() == 3);
  CHECK(deliveries[0].event == deliveries[1].event);
  CHECK(deliveries[0].legacy != deliveries[1].legacy);
  bench.change("a", {"b"});
  CHECK(bench.out().cache.size() == 3);
}

TEST_CASE("Session events: spellings of one resource are told apart", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "user.{cid}");
  bench.allow("user.{cid}");
  const auto load_as = [&](const std::string& rid) {
    bench.step(LoadResult{{bench.ticket(rid)}, 77, std::make_shared<const Snapshot>(), nullptr});
  };
  load_as("user.{cid}");
  bench.subscribe(2, "user.cid0");
  bench.allow("user.cid0");
  load_as("user.cid0");
  CHECK(bench.sent() == Lines{"#2 set{user.cid0}"});
  auto event = std::make_shared<ResourceEvent>();
  event->name = "ping";
  bench.step(LaneEvent{77, event});
  Lines sent = bench.sent();
  std::sort(sent.begin(), sent.end());
  CHECK(sent == Lines{"user.cid0.ping", "user.{cid}.ping"});
}

TEST_CASE("Session events: too many that wait for a loaded resource have it loaded anew", "[session]") {
  SessionBench bench(SessionLimits{.waiting_events = 3});
  bench.subscribe(1, "a");
  bench.load("a");
  for (int i = 0; i < 3; ++i) bench.custom("a", "ping");
  CHECK(bench.cache().empty());
  bench.custom("a", "ping");
  CHECK(bench.cache() == Lines{"subscribe a", "unsubscribe a"});
  bench.allow("a");
  CHECK(bench.sent().empty());
  bench.load("a");
  CHECK(bench.sent() == Lines{"#1 set{a}"});
}

TEST_CASE("Session events: too many that wait behind an event end the connection", "[session]") {
  SessionBench bench(SessionLimits{.waiting_events = 3});
  bench.subscribed("a");
  bench.change("a", {"b"});
  for (int i = 0; i < 3; ++i) bench.custom("a", "ping");
  CHECK(bench.sent().empty());
  bench.custom("a", "ping");
  CHECK(bench.sent() == Lines{"close 1008"});
}

TEST_CASE("Session: a connection that ends lets go of everything", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b", "c"});
  bench.load("b", {"a"});
  bench.fail("c", errors::not_found);
  bench.subscribe(1, "d");
  bench.load("d");
  bench.subscribe(2, "e");
  CHECK(bench.session().client_count() == 1);
  const Ticket late = bench.ticket("e");
  bench.disconnect();
  CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe b", "unsubscribe d", "withdraw e"});
  CHECK(testing::only<Disconnected>(bench.out().authorize).size() == 1);
  CHECK(testing::only<Disconnected>(bench.out().encode).size() == 1);
  CHECK(bench.session().client_count() == 0);
  // A subscription that was still open is answered now: the session ends it again, and sends nothing to clients.
  bench.step(LoadResult{{late}, bench.resource("e"), std::make_shared<const Snapshot>(), nullptr});
  CHECK(bench.cache() == Lines{"unsubscribe e"});
  bench.custom("a", "ping");
  bench.allow("d");
  CHECK(bench.out().encode.empty());
  bench.disconnect();
  CHECK(bench.out().encode.empty());
}

TEST_CASE("Session: of those who are answered together, some may have gone", "[session]") {
  SessionBench bench;
  bench.connect(1);
  bench.subscribe(1, "a");
  bench.subscribe(1, "a", 1);
  bench.allow("a");
  const Tickets tickets{bench.ticket("a", 0), bench.ticket("a", 1)};
  bench.disconnect();
  auto snapshot = std::make_shared<Snapshot>();
  bench.step(LoadResult{tickets, bench.resource("a"), snapshot, nullptr});
  CHECK(bench.cache() == Lines{"unsubscribe a"});
  bench.allow("a", 1);
  CHECK(bench.sent(1) == Lines{"#1 set{a}"});
}

TEST_CASE("Session: a connection ends with the next one of its slot", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribe(1, "b");
  const Ticket late = bench.ticket("b");
  bench.step(Connected{ConnId{0, 2, 0}, testing::client_info("cid")});
  CHECK(bench.cache() == Lines{"unsubscribe a", "withdraw b"});
  CHECK(testing::only<Disconnected>(bench.out().authorize).size() == 1);
  CHECK(testing::only<Disconnected>(bench.out().encode).size() == 1);
  CHECK(bench.session().client_count() == 1);
  bench.custom("a", "ping");
  CHECK(bench.out().encode.empty());
  bench.step(LoadResult{{late}, bench.resource("b"), std::make_shared<const Snapshot>(), nullptr});
  CHECK(bench.cache() == Lines{"unsubscribe b"});
}

TEST_CASE("Session: the next connection of a slot is not the last one", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  const Ticket old_ticket = bench.ticket("a");
  bench.disconnect();
  bench.step(Connected{ConnId{0, 2, 0}, testing::client_info("cid")});
  CHECK(testing::only<Connected>(bench.out().authorize).size() == 1);
  CHECK(testing::only<Connected>(bench.out().encode).size() == 1);
  bench.allow("a");
  bench.step(LoadResult{{old_ticket}, 5, std::make_shared<const Snapshot>(), nullptr});
  CHECK(bench.out().encode.empty());
  CHECK(bench.out().cache.size() == 1);
}
