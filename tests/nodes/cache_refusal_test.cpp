// cache: resources whose event subscription is refused, and answers that were lost with the connection to NATS.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

TEST_CASE("Cache: who waits for a resource whose events are refused gets an error", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.subscribe("a?q=1");
  bench.refuse("a", SubscriptionRefusal::permission);
  CHECK(bench.said() == Lines{"a system.serviceUnavailable", "a?q=1 system.serviceUnavailable"});
  CHECK(bench.cache().resource_count() == 0);
  CHECK(bench.cache().counters().subscriptions == 0);
  SECTION("the next one tries again") {
    bench.subscribe("a");
    CHECK(bench.asked() == Lines{"+event.a.*", "get.a"});
    bench.answer_model("a", {{"n", "1"}});  // answers the get request of the first attempt, in case it was sent
    bench.answer_model("a", {{"n", "2"}});
    CHECK(bench.said() == Lines{R"(a loaded {"n":2})"});
  }
  SECTION("the name is let go as others are") {
    bench.tick(10'000);
    CHECK(bench.asked() == Lines{"-"});
    CHECK(bench.cache().name_count() == 0);
  }
}

TEST_CASE("Cache: each kind of refusal has its error", "[cache]") {
  CacheBench bench;
  const std::vector<std::pair<SubscriptionRefusal, std::string>> cases{
      {SubscriptionRefusal::limit, "a system.serviceUnavailable"},
      {SubscriptionRefusal::permission, "a system.serviceUnavailable"},
      {SubscriptionRefusal::length, "a system.subjectTooLong"}};
  for (const auto& [why, said] : cases) {
    bench.subscribe("a");
    bench.refuse("a", why);
    if (why == SubscriptionRefusal::limit) bench.tick(1'000);
    CHECK(bench.said() == Lines{said});
  }
}

TEST_CASE("Cache: who is subscribed to a resource whose events are refused loses it", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"n", "1"}});
  bench.refuse("a", SubscriptionRefusal::permission);
  CHECK(bench.said() == Lines{"a delete"});
  REQUIRE(bench.events().size() == 1);
  CHECK(bench.events()[0]->reason == errors::subscription_not_permitted);
  CHECK(bench.cache().resource_count() == 0);
  CHECK(bench.cache().counters().subscriptions == 0);
}

TEST_CASE("Cache: names that nobody uses make room for one that is wanted", "[cache]") {
  CacheBench bench;
  bench.have_model("old", {});
  bench.unsubscribe("old");
  bench.subscribe("new");
  bench.refuse("new", SubscriptionRefusal::limit);
  CHECK(bench.said().empty());
  CHECK(bench.asked() == Lines{"-", "+event.new.*", "get.new"});
  bench.answer_model("new", {{"n", "1"}});
  CHECK(bench.said() == Lines{R"(new loaded {"n":1})"});
  SECTION("but not those that are wanted again and again") {
    bench.unsubscribe("new");
    bench.subscribe("new");
    bench.unsubscribe("new");
    bench.subscribe("third");
    bench.refuse("third", SubscriptionRefusal::limit);
    CHECK(bench.said().empty());
    bench.tick(1'000);
    CHECK(bench.said() == Lines{"third system.serviceUnavailable"});
  }
  SECTION("nor when the reason is another") {
    bench.unsubscribe("new");
    bench.subscribe("third");
    bench.refuse("third", SubscriptionRefusal::permission);
    CHECK(bench.said() == Lines{"third system.serviceUnavailable"});
  }
  SECTION("nor when there is none") {
    bench.subscribe("third");
    bench.refuse("third", SubscriptionRefusal::limit);
    bench.tick(999);
    CHECK(bench.asked() == Lines{"+event.third.*", "get.third"});
    bench.refuse("third", SubscriptionRefusal::limit);
    CHECK(bench.said().empty());
    bench.subscribe("third?q=1");  // waits together with it
    CHECK(bench.asked().empty());
    bench.reset({"third"});
    CHECK(bench.asked().empty());
    bench.answer_error("third", errors::lost);
    CHECK(bench.asked().empty());
    SECTION("and there is one in time") {
      bench.tick(999);
      CHECK(bench.asked() == Lines{"+event.third.*", "get.third", "get.third?q=1"});
      bench.answer_model("third", {{"n", "1"}});
      CHECK(bench.said() == Lines{R"(third loaded {"n":1})"});
      bench.tick(2'000);
      CHECK(bench.said().empty());
    }
    SECTION("and there is none in time") {
      bench.tick(1'000);
      CHECK(bench.said() == Lines{"third system.serviceUnavailable", "third?q=1 system.serviceUnavailable"});
      CHECK_FALSE(bench.cache().resource_count() > 1);
    }
  }
}

TEST_CASE("Cache: a refusal while a comparison or a query is under way", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  bench.subscribe("a");  // waits until the query event is answered
  bench.refuse("a", SubscriptionRefusal::permission);
  CHECK(bench.said() == Lines{"a?q=1 delete"});
  bench.answer_query("q=1", {});
  CHECK(bench.asked() == Lines{"+event.a.*", "get.a"});
}

TEST_CASE("Cache: a refusal while a state is compared", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"n", "1"}});
  bench.reset({"a"});
  bench.answer_model("a", {{"n", "2"}});
  bench.refuse("a", SubscriptionRefusal::permission);
  CHECK(bench.said() == Lines{"a delete"});
  bench.compared();
  CHECK(bench.said().empty());
  bench.tick(10'000);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache: behind a new subscription everything of the name is asked for, in pieces", "[cache]") {
  CacheLimits limits;
  limits.piece = 2;
  CacheBench bench(limits);
  for (const std::string rid : {"old", "a?q=1", "a?q=2", "a?q=3"}) bench.have_collection(rid, {"1"});
  bench.unsubscribe("old");
  bench.tick(1);
  bench.refuse("a", SubscriptionRefusal::limit);
  CHECK(bench.asked() == Lines{"-", "+event.a.*", "get.a?q=1", "get.a?q=2"});
  SECTION("until the end") {
    REQUIRE(bench.next_turn());
    CHECK(bench.asked() == Lines{"get.a?q=3"});
    CHECK_FALSE(bench.goes_on());
  }
  SECTION("unless it is refused again meanwhile") {
    bench.refuse("a", SubscriptionRefusal::permission);
    CHECK(bench.said() == Lines{"a?q=1 delete", "a?q=2 delete", "a?q=3 delete"});
    REQUIRE(bench.next_turn());
    CHECK(bench.asked().empty());
    CHECK_FALSE(bench.goes_on());
  }
}

TEST_CASE("Cache: a state that was asked for twice", "[cache]") {
  CacheBench bench;
  bench.have_model("old", {});
  bench.unsubscribe("old");
  bench.have_model("a", {{"n", "1"}});
  bench.reset({"a"});
  bench.refuse("a", SubscriptionRefusal::limit);
  CHECK(bench.asked() == Lines{"-", "+event.a.*", "get.a"});
  bench.answer_model("a", {{"n", "2"}});
  SECTION("is compared twice") {
    bench.compared();
    CHECK(bench.said() == Lines{R"(a change {"values":{"n":2}})"});
    bench.answer_model("a", {{"n", "3"}});
    bench.compared();
    CHECK(bench.said() == Lines{R"(a change {"values":{"n":3}})"});
  }
  SECTION("waits for the comparison under way") {
    bench.answer_model("a", {{"n", "3"}});
    bench.compared();
    bench.compared();
    CHECK(bench.said() == Lines{R"(a change {"values":{"n":3}})"});
  }
  SECTION("is not missed when the second answer is an error") {
    bench.compared();
    bench.answer_error("a", errors::lost);
    CHECK(bench.asked().empty());
    CHECK(bench.log.lines.empty());
  }
}

TEST_CASE("Cache: what was lost is asked for again", "[cache]") {
  CacheBench bench;
  SECTION("a first state, once, although everything is reset as well") {
    bench.subscribe("a");
    bench.reset({">"});
    bench.answer_error("a", errors::lost);
    CHECK(bench.asked() == Lines{"get.a"});
    CHECK(bench.said().empty());
    bench.answer_model("a", {{"n", "1"}});
    CHECK(bench.said() == Lines{R"(a loaded {"n":1})"});
    CHECK(bench.asked().empty());
  }
  SECTION("not a first state that nobody waits for any more") {
    bench.subscribe("a");
    bench.withdraw("a");
    bench.answer_error("a", errors::lost);
    CHECK(bench.asked().empty());
    CHECK(bench.cache().resource_count() == 0);
  }
  SECTION("the state after a reset") {
    bench.have_model("a", {{"n", "1"}});
    bench.reset({"a"});
    bench.answer_error("a", errors::lost);
    CHECK(bench.asked() == Lines{"get.a"});
    bench.answer_model("a", {{"n", "2"}});
    bench.compared();
    CHECK(bench.said() == Lines{R"(a change {"values":{"n":2}})"});
  }
  SECTION("in place of the answer to a query, the state") {
    bench.have_collection("a?q=1", {"1"});
    bench.query_event("a");
    bench.answer_query_error("q=1", errors::lost);
    CHECK(bench.asked() == Lines{"get.a?q=1"});
    CHECK(bench.log.lines.empty());
  }
}

TEST_CASE("Cache: a reset whose state is asked for twice, and cannot be had twice, is tried again once", "[cache]") {
  CacheBench bench;
  bench.have_model("old", {});
  bench.unsubscribe("old");
  bench.have_model("a", {{"n", "1"}});
  bench.reset({"a"});
  CHECK(bench.asked() == Lines{"get.a"});
  bench.refuse("a", SubscriptionRefusal::limit);
  CHECK(bench.asked() == Lines{"-", "+event.a.*", "get.a"});
  bench.answer_error("a", errors::timeout);
  bench.answer_error("a", errors::timeout);
  bench.tick(10'000);
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {{"n", "2"}});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"n":2}})"});
  bench.tick(20'000);
  CHECK(bench.asked().empty());
}
