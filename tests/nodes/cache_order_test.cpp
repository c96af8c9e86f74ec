// cache: RES-Service protocol, "System reset event", "Query event". Which events are dropped and which messages wait
// until the state is known.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

namespace {

std::vector<ServiceEvent> add_of(std::int64_t idx, const std::string& text) {
  return {ServiceEvent{0, "add", AddEvent{idx, testing::value(text)}}};
}

}  // namespace

TEST_CASE("Cache resets: the difference is told", "[cache]") {
  CacheBench bench;
  bench.have_collection("a.c", {"1", "2", "3"});
  bench.have_model("a.m", {{"x", "1"}, {"y", "2"}});
  bench.have_model("b", {});
  bench.reset({"a.>"});
  Lines asked = bench.asked();
  std::sort(asked.begin(), asked.end());
  CHECK(asked == Lines{"get.a.c", "get.a.m"});
  bench.answer_collection("a.c", {"1", "3", "4"});
  CHECK(bench.said().empty());
  bench.compared();
  CHECK(bench.said() == Lines{R"(a.c remove {"idx":1})", R"(a.c add {"idx":2,"value":4})"});
  bench.answer_model("a.m", {{"x", "1"}, {"z", "3"}});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a.m change {"values":{"y":{"action":"delete"},"z":3}})"});
  CHECK(bench.state("a.c") == "[1,3,4]");
  CHECK(bench.state("a.m") == R"({"x":1,"z":3})");
}

TEST_CASE("Cache resets: nothing is told where nothing changed", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  bench.answer_model("a", {{"x", "1"}});
  bench.compared();
  CHECK(bench.said().empty());
  bench.change("a", {{"x", "2"}});
  CHECK(bench.said().size() == 1);
}

TEST_CASE("Cache resets: patterns that are none match nothing", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.reset({"", "a.", "a*", ">.a", "b", "a.>"}, {"a.>", ""});
  CHECK(bench.asked().empty());
  CHECK(bench.said().empty());
  bench.reset({"*"}, {">"});
  CHECK(bench.asked() == Lines{"get.a"});
  CHECK(bench.said() == Lines{"a reaccess"});
}

TEST_CASE("Cache: a reset takes the names in the order in which they were first wanted", "[cache]") {
  CacheBench bench;
  Lines expected;
  for (const std::size_t n : {7u, 3u, 19u, 1u, 12u, 5u, 40u, 2u, 33u, 8u}) {
    const std::string name = "service.thing." + std::to_string(n);
    bench.have_model(name, {{"x", "1"}});
    expected.push_back("get." + name);
  }
  bench.reset({"service.>"});
  CHECK(bench.asked() == expected);
}

TEST_CASE("Cache resets: events are dropped until the state is here, and wait until it is compared", "[cache]") {
  CacheBench bench;
  bench.have_collection("a", {"1"});
  bench.reset({"a"});
  bench.add("a", 0, "lost");
  bench.remove("a", 0);
  bench.event("a", "delete", DeleteEvent{});
  CHECK(bench.said().empty());
  // Events that do not change the state are not dropped.
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1"});
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.said() == Lines{"a reaccess"});
  bench.answer_collection("a", {"1", "2"});
  bench.add("a", 2, "3");
  bench.custom("a", "2");
  bench.pass_on("a", 7);
  bench.subscribe("a", 1);
  CHECK(bench.said().empty());
  bench.pass_on("other", 8);
  CHECK(bench.said() == Lines{"#8"});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a add {"idx":1,"value":2})", R"(a add {"idx":2,"value":3})", "a custom 2", "#7",
                              "lane 1: a loaded [1,2,3]"});
}

TEST_CASE("Cache resets: reset again while the state is on its way, it is asked for again behind that", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  bench.reset({"a"});
  bench.reset({"a"});
  CHECK(bench.asked().empty());
  SECTION("a state") {
    bench.answer_model("a", {{"x", "2"}});
    CHECK(bench.asked().empty());
    bench.change("a", {{"x", "8"}});
    bench.compared();
    CHECK(bench.said() == Lines{R"(a change {"values":{"x":2}})"});
  }
  SECTION("an error, which says nothing of what is now") {
    bench.answer_error("a", errors::not_found);
  }
  CHECK(bench.asked() == Lines{"get.a"});
  bench.change("a", {{"x", "9"}});
  CHECK(bench.said().empty());
  bench.answer_model("a", {{"x", "3"}});
  CHECK(bench.asked().empty());
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":3}})"});
}

TEST_CASE("Cache resets: reset while the state is compared", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  bench.answer_model("a", {{"x", "2"}});
  bench.reset({"a"}, {"a"});
  CHECK(bench.asked().empty());
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":2}})", "a reaccess"});
  CHECK(bench.asked() == Lines{"get.a"});
}

TEST_CASE("Cache resets: reset before the first state", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.reset({"a"}, {"a"});
  CHECK(bench.asked().empty());
  bench.answer_model("a", {{"x", "1"}});
  CHECK(bench.said() == Lines{R"(a loaded {"x":1})", "a reaccess"});
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {{"x", "2"}});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":2}})"});
}

TEST_CASE("Cache resets: what is not found any more is deleted", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  bench.answer_error("a", make_error("system.notFound", "Gone"));
  CHECK(bench.said() == Lines{"a delete"});
  bench.subscribe("a");
  CHECK(bench.asked() == Lines{"get.a"});
}

TEST_CASE("Cache resets: a state that cannot be had is asked for again, and events stay dropped", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  SECTION("for an error") {
    bench.answer_error("a", errors::timeout);
  }
  SECTION("for being of another type") {
    bench.answer_collection("a", {"1"});
  }
  CHECK(bench.said().empty());
  CHECK(bench.asked().empty());
  CHECK(bench.log.errors() == 1);
  CHECK(bench.cache().waits_for_time());
  bench.change("a", {{"x", "9"}});
  CHECK(bench.said().empty());
  bench.tick(4'999);
  CHECK(bench.asked().empty());
  bench.tick(5'000);
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {{"x", "2"}});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":2}})"});
  bench.change("a", {{"x", "3"}});
  CHECK(bench.said().size() == 1);
}

TEST_CASE("Cache resets: a query resource is asked for by its normalized query", "[cache]") {
  CacheBench bench;
  bench.subscribe("a?y&x");
  bench.answer_collection("a?y&x", {"1"}, "x&y");
  bench.reset({"a"});
  CHECK(bench.asked() == Lines{"get.a?x&y"});
}

// An unused name may fall due for release while its new state is still being compared with the old one.
TEST_CASE("Cache resets: a name is not let go while its state is compared", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.unsubscribe("a");
  bench.reset({"a"});
  bench.answer_model("a", {{"x", "2"}});
  REQUIRE(bench.comparing());
  bench.tick(5'000);
  REQUIRE_NOTHROW(bench.compared());
  bench.tick(10'000);
  CHECK(bench.cache().name_count() == 0);
}

// The name falls due as above, and a message that waits for the comparison is not lost.
TEST_CASE("Cache resets: a call's answer that waits for a comparison outlives its name's time", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.unsubscribe("a");
  bench.reset({"a"});
  bench.answer_model("a", {{"x", "2"}});
  bench.pass_on("a", 7);
  Lines said = bench.said();
  bench.tick(5'000);
  for (const std::string& line : bench.said()) said.push_back(line);
  REQUIRE_NOTHROW(bench.compared());
  for (const std::string& line : bench.said()) said.push_back(line);
  CHECK(said == Lines{"#7"});
}

TEST_CASE("Cache queries: each query is asked for, and all else waits for the answers", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.have_collection("a?q=2", {"2"});
  bench.have_model("a", {});
  bench.query_event("a");
  Lines asked = bench.asked();
  std::sort(asked.begin(), asked.end());
  CHECK(asked == Lines{"inbox q=1", "inbox q=2"});
  bench.custom("a", "1");
  bench.pass_on("a", 5);
  bench.subscribe("a?q=1");
  CHECK(bench.said().empty());
  bench.answer_query("q=2", add_of(1, "20"));
  CHECK(bench.said() == Lines{R"(a?q=2 add {"idx":1,"value":20})"});
  bench.answer_query("q=1", add_of(0, "10"));
  CHECK(bench.said() == Lines{R"(a?q=1 add {"idx":0,"value":10})", "a custom 1", "#5", "a?q=1 loaded [10,1]"});
}

TEST_CASE("Cache queries: one event after another", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  bench.query_event("a");
  bench.pass_on("a", 1);
  CHECK(bench.asked().empty());
  bench.answer_query("q=1", add_of(0, "2"));
  CHECK(bench.said() == Lines{R"(a?q=1 add {"idx":0,"value":2})"});
  CHECK(bench.asked() == Lines{"inbox q=1"});
  bench.answer_query("q=1", {});
  CHECK(bench.said() == Lines{"#1"});
}

TEST_CASE("Cache queries: a full state as the answer", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1", "2"});
  bench.query_event("a");
  bench.answer_query_state("q=1", {"2", "3"});
  CHECK(bench.said().empty());
  bench.pass_on("a", 1);
  CHECK(bench.said().empty());
  bench.compared();
  CHECK(bench.said() == Lines{R"(a?q=1 remove {"idx":0})", R"(a?q=1 add {"idx":1,"value":3})", "#1"});
}

TEST_CASE("Cache queries: answers that are errors", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  SECTION("the query is not there any more") {
    bench.answer_query_error("q=1", make_error("system.notFound", "Not found"));
    CHECK(bench.said() == Lines{"a?q=1 delete"});
    return;
  }
  SECTION("the service cannot tell") {
    bench.answer_query_error("q=1", make_error("system.internalError", "Broken"));
    CHECK(bench.log.errors() == 1);
    CHECK(bench.asked().empty());
  }
  CHECK(bench.said().empty());
  CHECK(bench.state("a?q=1") == "[1]");
}

TEST_CASE("Cache queries: when no answer comes, the full state is fetched", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  SECTION("the service took too long") {
    bench.answer_query_error("q=1", errors::timeout);
  }
  SECTION("nobody listened") {
    bench.answer_query_error("q=1", errors::not_found);
  }
  CHECK(bench.said().empty());
  bench.answer_collection("a?q=1", {"1", "2"});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a?q=1 add {"idx":1,"value":2})"});
}

TEST_CASE("Cache queries: nothing is asked where there is no query", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.subscribe("a?q=1");
  bench.query_event("a");
  CHECK(bench.asked().empty());
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1"});
}

TEST_CASE("Cache queries: the answer for what nobody uses any more lets the rest through", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  bench.pass_on("a", 1);
  bench.unsubscribe("a?q=1");
  CHECK(bench.cache().resource_count() == 0);
  bench.tick(100'000);
  CHECK(bench.cache().name_count() == 1);
  bench.answer_query("q=1", add_of(0, "2"));
  CHECK(bench.said() == Lines{"#1"});
  bench.tick(200'000);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache order: what waits is bounded, and the state is right in the end", "[cache]") {
  CacheBench bench(CacheLimits{5'000, 5'000, 3});
  bench.have_collection("a?q=1", {"1"});
  bench.have_model("a", {{"x", "1"}});
  bench.query_event("a");
  for (std::uint64_t id = 1; id <= 3; ++id) bench.pass_on("a", id);
  CHECK(bench.said().empty());
  // When too many messages wait, the oldest goes on early; the messages behind it keep their order.
  bench.change("a", {{"x", "2"}});
  CHECK(bench.said() == Lines{"#1"});
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"#2"});
  CHECK(bench.log.errors() == 1);
  CHECK(bench.cache().counters().overflows == 1);
  bench.answer_query("q=1", add_of(0, "2"));
  CHECK(bench.said() ==
        Lines{R"(a?q=1 add {"idx":0,"value":2})", "#3", R"(a change {"values":{"x":2}})", "a custom 1"});
  CHECK(bench.state("a") == R"({"x":2})");
  CHECK(bench.state("a?q=1") == "[2,1]");
}

TEST_CASE("Cache order: what comes too early for a comparison is fetched behind it", "[cache]") {
  CacheBench bench(CacheLimits{5'000, 5'000, 1});
  bench.have_model("a", {{"x", "1"}});
  bench.reset({"a"});
  bench.answer_model("a", {{"x", "2"}});
  bench.change("a", {{"x", "3"}});
  bench.pass_on("a", 1);
  CHECK(bench.cache().counters().dropped[EventDrop::outdated] == 1);
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":2}})", "#1"});
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {{"x", "3"}});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":3}})"});
}

// Too many messages wait for a comparison. The cache then asks for the state again, and that request fails.
TEST_CASE("Cache order: a reset that fails behind an overflow", "[cache]") {
  CacheBench bench(CacheLimits{5'000, 5'000, 1});
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  bench.answer_query_state("q=1", {"1", "2"});
  bench.reset({"a"});
  bench.pass_on("a", 1);
  CHECK(bench.asked().empty());
  bench.pass_on("a", 2);
  CHECK(bench.said() == Lines{"#1"});
  bench.compared();
  CHECK(bench.said() == Lines{R"(a?q=1 add {"idx":1,"value":2})", "#2"});
  CHECK(bench.asked() == Lines{"get.a?q=1"});
  bench.answer_error("a?q=1", errors::timeout);
  bench.tick(5'000);
  CHECK(bench.asked() == Lines{"get.a?q=1"});
  bench.answer_collection("a?q=1", {"3"}, "q=1");
  bench.compared();
  CHECK(bench.state("a?q=1") == "[3]");
}

TEST_CASE("Cache order: a query that is out when too much waits is not applied to a newer state", "[cache]") {
  CacheBench bench(CacheLimits{5'000, 5'000, 1});
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  SECTION("nor is the answer to another one asked for before it is here") {
    bench.query_event("a");
    bench.pass_on("a", 1);
  }
  SECTION("which a reset has brought") {
    bench.reset({"a"});
    bench.pass_on("a", 1);
  }
  CHECK(bench.asked() == Lines{"get.a?q=1"});
  bench.answer_collection("a?q=1", {"2", "1"}, "q=1");  // takes the only place in the queue; call 1 goes on
  bench.pass_on("a", 2);  // pushes the state out of the queue too early: a query is still open, so the state is dropped
  CHECK_FALSE(bench.comparing());
  bench.answer_query("q=1", add_of(0, "2"));
  CHECK(bench.said() == Lines{"#2"});
  CHECK(bench.asked() == Lines{"get.a?q=1"});
  bench.answer_collection("a?q=1", {"2", "1"}, "q=1");
  bench.compared();
  CHECK(bench.said() == Lines{R"(a?q=1 add {"idx":0,"value":2})"});
}

TEST_CASE("Cache order: the bytes of what waits are bounded", "[cache]") {
  CacheLimits limits;
  limits.bytes = 640'000;
  CacheBench bench(limits);
  bench.have_collection("a?q=1", {"1"});
  bench.have_model("a", {});
  bench.query_event("a");
  const std::size_t before = bench.cache().counters().bytes;
  for (int i = 0; i < 100; ++i) bench.custom("a", '"' + std::string(1'000, 'x') + '"');
  CHECK(bench.cache().counters().overflows == 1);
  CHECK(bench.cache().counters().bytes - before <= 10'000);
  bench.answer_query("q=1", {});
  CHECK(bench.said().size() < 10);
  CHECK(bench.cache().counters().bytes == before);
}
