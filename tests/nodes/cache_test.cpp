// cache: RES-Service protocol, "Get request" and "Resource events". Which resources are cached, what subscribers are
// told, and how long a resource is kept.
#include "nodes/cache/cache.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

TEST_CASE("Cache: the first subscriber has it fetched, behind the subscription to its events", "[cache]") {
  CacheBench bench;
  bench.subscribe("a.b");
  CHECK(bench.asked() == Lines{"+event.a.b.*", "get.a.b"});
  bench.subscribe("a.b");
  CHECK(bench.asked().empty());
  bench.answer_model("a.b", {{"x", "1"}});
  CHECK(bench.said() == Lines{R"(a.b loaded {"x":1})", R"(a.b loaded {"x":1})"});
  CHECK(bench.loaded()[0].snapshot == bench.loaded()[1].snapshot);
  bench.subscribe("a.b");
  CHECK(bench.asked().empty());
  CHECK(bench.said() == Lines{R"(a.b loaded {"x":1})"});
}

TEST_CASE("Cache: all of a lane who wait are answered at once", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.subscribe("a", 2);
  bench.subscribe("a");
  bench.subscribe("a");
  bench.withdraw("a");
  bench.answer_model("a", {{"x", "1"}});
  REQUIRE(bench.out().session.size() == 2);
  CHECK(std::get<LoadResult>(bench.out().session[0].message).tickets.size() == 2);
  CHECK(std::get<LoadResult>(bench.out().session[1].message).tickets.size() == 1);
  CHECK(bench.out().session[1].lane == 2);
  // Every subscriber counts. The resource is released with the last one.
  bench.unsubscribe("a");
  bench.unsubscribe("a", 2);
  CHECK(bench.cache().counters().subscriptions == 1);
  bench.unsubscribe("a");
  CHECK(bench.cache().counters().subscriptions == 0);
}

TEST_CASE("Cache: a snapshot names its references, and what older clients get", "[cache]") {
  CacheBench bench;
  bench.have_collection("a", {R"({"rid":"b"})", "1", R"({"rid":"c","soft":true})", R"({"rid":"b"})", R"({"data":[]})"});
  const SnapshotPtr s = bench.loaded().at(0).snapshot;
  CHECK_FALSE(s->is_model);
  REQUIRE(s->references.size() == 2);
  CHECK(s->references[0]->text() == "b");
  CHECK(s->text_for(false) == R"([{"rid":"b"},1,{"rid":"c","soft":true},{"rid":"b"},{"data":[]}])");
  CHECK(s->text_for(true) == R"([{"rid":"b"},1,"c",{"rid":"b"},"[Data]"])");
}

// RES-Service protocol: "Any service resource event, except reaccess events, received prior to the get response will be
// discarded."
TEST_CASE("Cache: events before the state are in it", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.change("a", {{"x", "2"}});
  bench.custom("a", "1");
  bench.event("a", "delete", DeleteEvent{});
  CHECK(bench.said().empty());
  bench.answer_model("a", {{"x", "2"}});
  CHECK(bench.said() == Lines{R"(a loaded {"x":2})"});
  bench.change("a", {{"x", "3"}});
  CHECK(bench.said() == Lines{R"(a change {"values":{"x":3}})"});
  CHECK(bench.state("a") == R"({"x":3})");
}

TEST_CASE("Cache: reaccess before the state comes behind it", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.said().empty());
  bench.answer_model("a", {});
  CHECK(bench.said() == Lines{"a loaded {}", "a reaccess"});
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.said() == Lines{"a reaccess"});
}

TEST_CASE("Cache: change events", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}, {"r", R"({"rid":"b"})"}, {"s", R"({"rid":"b","soft":true})"}});
  SECTION("what does not change is left out") {
    bench.change("a", {{"x", "1"}, {"y", "2"}, {"none", R"({"action":"delete"})"}, {"r", R"({ "rid":"b" })"}});
    CHECK(bench.said() == Lines{R"(a change {"values":{"y":2}})"});
    bench.change("a", {{"x", "1"}});
    CHECK(bench.said().empty());
    bench.change("a", {});
    CHECK(bench.said().empty());
  }
  SECTION("references that are gained and lost") {
    bench.change("a", {{"r", R"({"rid":"c"})"}, {"n", R"({"rid":"b"})"}});
    REQUIRE(bench.events().size() == 1);
    const EventPtr e = bench.events()[0];
    REQUIRE(e->added.size() == 2);
    CHECK(e->added[0]->text() == "b");
    CHECK(e->added[1]->text() == "c");
    REQUIRE(e->removed.size() == 1);
    CHECK(e->removed[0]->text() == "b");
    bench.change("a", {{"r", R"({"action":"delete"})"}, {"s", "1"}});
    CHECK(bench.said() == Lines{R"(a change {"values":{"r":{"action":"delete"},"s":1}})"});
    CHECK(bench.events()[0]->removed.size() == 1);
    CHECK(bench.state("a") == R"({"n":{"rid":"b"},"s":1,"x":1})");
  }
  SECTION("for older clients") {
    bench.change("a", {{"x", R"({"data":[]})"}});
    CHECK(bench.events()[0]->data_for(true) == R"({"values":{"x":"[Data]"}})");
    bench.change("a", {{"x", "2"}});
    CHECK(bench.events()[0]->legacy_data.empty());
  }
  SECTION("on a collection") {
    bench.have_collection("c", {"1"});
    bench.change("c", {{"x", "2"}});
    CHECK(bench.said().empty());
    CHECK(bench.log.errors() == 1);
  }
}

TEST_CASE("Cache: values as the payload are taken, with a warning for each service", "[cache]") {
  CacheBench bench;
  bench.have_model("svc.a", {});
  bench.have_model("svc.b", {});
  for (const char* name : {"svc.a", "svc.b", "svc.a"}) {
    bench.event(name, "change", ChangeEvent{testing::model({{"x", std::to_string(bench.log.lines.size())}}), true});
  }
  CHECK(bench.log.errors() == 1);
  CHECK(bench.log.has("[svc]"));
  CHECK(bench.state("svc.b") == R"({"x":1})");
}

TEST_CASE("Cache: what else services say of a removed value or a deleted resource goes to clients", "[cache]") {
  CacheBench bench;
  bench.have_collection("a", {"1", "2"});
  bench.event("a", "remove", RemoveEvent{1, R"(,"by":"ann")"});
  CHECK(bench.said() == Lines{R"(a remove {"idx":1,"by":"ann"})"});
  bench.event("a", "delete", DeleteEvent{R"({"by":"bob"})"});
  CHECK(bench.said() == Lines{R"(a delete {"by":"bob"})"});
}

TEST_CASE("Cache: add and remove events, and their bounds", "[cache]") {
  CacheBench bench;
  bench.have_collection("a", {"1", "2"});
  bench.add("a", 2, "3");
  CHECK(bench.said() == Lines{R"(a add {"idx":2,"value":3})"});
  bench.add("a", 0, R"({"rid":"b"})");
  CHECK(bench.events().at(0)->added.at(0)->text() == "b");
  CHECK(bench.state("a") == R"([{"rid":"b"},1,2,3])");
  for (const std::int64_t idx : {std::int64_t{5}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    bench.add("a", idx, "9");
    CHECK(bench.said().empty());
  }
  for (const std::int64_t idx : {std::int64_t{4}, std::int64_t{-1}, INT64_MAX}) {
    bench.remove("a", idx);
    CHECK(bench.said().empty());
  }
  CHECK(bench.log.errors() == 7);
  bench.remove("a", 0);
  CHECK(bench.said() == Lines{R"(a remove {"idx":0})"});
  CHECK(bench.events().at(0)->removed.at(0)->text() == "b");
  bench.remove("a", 2);
  CHECK(bench.state("a") == "[1,2]");
  bench.have_model("m", {});
  bench.add("m", 0, "1");
  CHECK(bench.said().empty());
  bench.remove("m", 0);
  CHECK(bench.said().empty());
  CHECK(bench.log.errors() == 9);
}

TEST_CASE("Cache: what was sent is not changed by what comes later", "[cache]") {
  CacheBench bench;
  bench.have_collection("a", {"1"});
  const SnapshotPtr before = bench.loaded().at(0).snapshot;
  bench.add("a", 1, "2");
  CHECK(before->text == "[1]");
  CHECK(bench.state("a") == "[1,2]");
}

TEST_CASE("Cache: an event goes to each lane with subscribers once", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.subscribe("a", 2);
  bench.subscribe("a", 2);
  CHECK(bench.said() == Lines{"lane 2: a loaded {}"});
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1", "lane 2: a custom 1"});
  CHECK(bench.events().at(0) == bench.events().at(1));
  bench.unsubscribe("a", 2);
  bench.custom("a", "1");
  CHECK(bench.said().size() == 2);
  bench.unsubscribe("a", 2);
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1"});
  bench.unsubscribe("a");
  bench.custom("a", "1");
  CHECK(bench.said().empty());
}

TEST_CASE("Cache: what cannot be had is tried again by the next", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.subscribe("a", 1);
  bench.answer_error("a", errors::not_found);
  CHECK(bench.said() == Lines{"a system.notFound", "lane 1: a system.notFound"});
  bench.subscribe("a");
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {});
  CHECK(bench.said() == Lines{"a loaded {}"});
}

TEST_CASE("Cache: a name that nobody uses is kept for five seconds", "[cache]") {
  CacheBench bench;
  bench.tick(1'000);
  bench.have_model("a", {{"x", "1"}});
  bench.unsubscribe("a");
  bench.change("a", {{"x", "2"}});
  bench.tick(5'999);
  CHECK(bench.cache().name_count() == 1);
  CHECK(bench.cache().waits_for_time());
  SECTION("and then let go") {
    bench.tick(6'000);
    CHECK(bench.asked() == Lines{"-"});
    CHECK(bench.cache().name_count() == 0);
    CHECK(bench.cache().resource_count() == 0);
    CHECK_FALSE(bench.cache().waits_for_time());
    bench.change("a", {{"x", "3"}});
    bench.subscribe("a");
    CHECK(bench.asked() == Lines{"+event.a.*", "get.a"});
  }
  SECTION("with its events followed: the next gets the present state at once") {
    bench.subscribe("a");
    CHECK(bench.said() == Lines{R"(a loaded {"x":2})"});
    bench.tick(20'000);
    CHECK(bench.cache().name_count() == 1);
    bench.unsubscribe("a");
    bench.tick(24'999);
    CHECK(bench.cache().name_count() == 1);
    bench.tick(25'000);
    CHECK(bench.cache().name_count() == 0);
  }
}

TEST_CASE("Cache: what could not be had is let go as well", "[cache]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.answer_error("a", errors::timeout);
  bench.tick(4'999);
  CHECK(bench.cache().name_count() == 1);
  bench.tick(5'000);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache: a reaccess event is for the queries of its name as well", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.said() == Lines{"a?q=1 reaccess"});
  bench.have_model("a", {});
  bench.subscribe("a?q=2");
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.said() == Lines{"a reaccess", "a?q=1 reaccess"});
  bench.answer_collection("a?q=2", {"2"}, "q=2");
  CHECK(bench.said() == Lines{"a?q=2 loaded [2]", "a?q=2 reaccess"});
}

// RES-Service protocol: "It will invalidate any previous get response received for the resource."
TEST_CASE("Cache: delete", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.event("a", "delete", DeleteEvent{});
  CHECK(bench.said() == Lines{"a delete"});
  bench.custom("a", "1");
  CHECK(bench.said().empty());
  bench.unsubscribe("a");
  CHECK(bench.said().empty());
  bench.subscribe("a");
  CHECK(bench.asked() == Lines{"get.a"});
  bench.answer_model("a", {});
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1"});
}

TEST_CASE("Cache: late answers for what is gone", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.reset({"a"});
  bench.unsubscribe("a");
  bench.tick(5'000);
  CHECK(bench.cache().name_count() == 0);
  bench.answer_model("a", {{"x", "1"}});
  CHECK(bench.said().empty());
  CHECK(bench.asked().empty());
  CHECK_FALSE(bench.comparing());
}

// RES-Service protocol: "Different queries that results in the same query resource should have the same normalized
// query."
TEST_CASE("Cache: queries that lead to one resource", "[cache]") {
  CacheBench bench;
  bench.subscribe("a?x=1&y=2");
  CHECK(bench.asked() == Lines{"+event.a.*", "get.a?x=1&y=2"});
  bench.subscribe("a?y=2&x=1");
  CHECK(bench.asked() == Lines{"get.a?y=2&x=1"});
  bench.answer_collection("a?y=2&x=1", {"1"}, "x=1&y=2");
  // The resource is also loaded for the subscriber that asked for it by its normalized query.
  Lines said = bench.said();
  std::sort(said.begin(), said.end());
  CHECK(said == Lines{"a?x=1&y=2 loaded [1]", "a?y=2&x=1 loaded [1]"});
  CHECK(bench.loaded()[0].resource == bench.loaded()[1].resource);
  bench.answer_collection("a?x=1&y=2", {"other"}, "x=1&y=2");
  CHECK(bench.said().empty());
  bench.subscribe("a?y=2&x=1");
  CHECK(bench.asked().empty());
  CHECK(bench.said() == Lines{"a?y=2&x=1 loaded [1]"});
  CHECK(bench.cache().resource_count() == 1);
}

TEST_CASE("Cache: a query that means nothing leads to the resource itself", "[cache]") {
  CacheBench bench;
  bench.subscribe("a?z=1");
  bench.answer_model("a?z=1", {{"x", "1"}}, "");
  bench.subscribe("a");
  CHECK(bench.asked().empty());
  CHECK(bench.said() == Lines{R"(a loaded {"x":1})"});
  bench.change("a", {{"x", "2"}});
  CHECK(bench.events().size() == 1);
}

TEST_CASE("Cache: events are on the resource without query", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.have_model("a", {});
  bench.remove("a", 0);
  bench.custom("a", "1");
  CHECK(bench.said() == Lines{"a custom 1"});
  CHECK(bench.state("a?q=1") == "[1]");
}

TEST_CASE("Cache: query resources go when nobody uses them", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.have_collection("a?q=2", {"2"});
  CHECK(bench.cache().resource_count() == 2);
  bench.unsubscribe("a?q=1");
  CHECK(bench.cache().resource_count() == 1);
  bench.subscribe("a?q=1");
  CHECK(bench.asked() == Lines{"get.a?q=1"});
  bench.unsubscribe("a?q=2");
  bench.answer_error("a?q=1", errors::timeout);
  CHECK(bench.cache().resource_count() == 0);
  bench.tick(5'000);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache: answers to calls pass", "[cache]") {
  CacheBench bench;
  bench.pass_on("a", 4);
  CHECK(bench.said() == Lines{"#4"});
  bench.step(OrderedReply{"a", AccessReply{ConnId{3, 1, 2}, make_rid("a"), 9, {}, nullptr}});
  REQUIRE(bench.out().authorize.size() == 1);
  CHECK(bench.out().authorize[0].lane == 2);
  CHECK(testing::message_as<AccessReply>(bench.out().authorize[0].message).serial == 9);
}
