// The counters of cache.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;

namespace {

std::uint64_t lookups(const CacheBench& bench, CacheLookup result) {
  return bench.cache().counters().lookups[result];
}

std::uint64_t dropped(const CacheBench& bench, EventDrop why) {
  return bench.cache().counters().dropped[why];
}

std::size_t subscriptions(const CacheBench& bench) {
  return bench.cache().counters().subscriptions;
}

}  // namespace

TEST_CASE("Cache counts what subscribers find in the cache", "[cache][statistics]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.subscribe("a");
  bench.answer_model("a", {});
  bench.subscribe("a");
  bench.unsubscribe("a");
  bench.unsubscribe("a");
  bench.unsubscribe("a");
  bench.subscribe("a");
  CHECK(lookups(bench, CacheLookup::miss) == 1);
  CHECK(lookups(bench, CacheLookup::joined) == 1);
  CHECK(lookups(bench, CacheLookup::hit) == 2);
}

TEST_CASE("Cache counts the subscriptions of the present", "[cache][statistics]") {
  CacheBench bench;
  bench.subscribe("a");
  CHECK(subscriptions(bench) == 1);
  bench.subscribe("a", 1);
  bench.subscribe("b?q=1");
  CHECK(subscriptions(bench) == 3);
  SECTION("loading changes nothing") {
    bench.answer_model("a", {});
    bench.answer_model("b?q=1", {}, "normal");
    CHECK(subscriptions(bench) == 3);
    bench.unsubscribe("a", 1);
    bench.unsubscribe("a");
    CHECK(subscriptions(bench) == 1);
    bench.unsubscribe("a");  // no subscription is left to end
    CHECK(subscriptions(bench) == 1);
  }
  SECTION("those whose resource cannot be had are gone") {
    bench.answer_error("a", errors::not_found);
    CHECK(subscriptions(bench) == 1);
  }
  SECTION("and those whose resource is deleted") {
    bench.answer_model("a", {});
    bench.event("a", "delete", DeleteEvent{});
    CHECK(subscriptions(bench) == 1);
    bench.unsubscribe("a");
    CHECK(subscriptions(bench) == 1);
  }
}

TEST_CASE("Cache counts a subscription that had to wait for others once", "[cache][statistics]") {
  CacheBench bench;
  bench.have_collection("a?q", {"1"});
  bench.query_event("a");
  bench.subscribe("a?q");
  bench.subscribe("a?other");
  CHECK(subscriptions(bench) == 1);
  bench.answer_query("q", {});
  CHECK(subscriptions(bench) == 3);
  CHECK(lookups(bench, CacheLookup::hit) == 1);
  CHECK(lookups(bench, CacheLookup::miss) == 2);
}

TEST_CASE("Cache counts events, and why it drops some", "[cache][statistics]") {
  CacheBench bench;
  bench.subscribe("a");
  bench.change("a", {{"x", "1"}});
  CHECK(dropped(bench, EventDrop::early) == 1);
  bench.answer_model("a", {{"x", "1"}});
  bench.change("a", {{"x", "1"}});
  CHECK(dropped(bench, EventDrop::unchanged) == 1);
  bench.add("a", 0, "1");
  CHECK(dropped(bench, EventDrop::misfit) == 1);
  bench.event("a", "query", QueryEventSubject{"inbox"});
  bench.change("a", {{"x", "2"}});
  bench.custom("a", "{}");
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(bench.cache().counters().events == 7);
  bench.reset({"a"});
  bench.change("a", {{"x", "3"}});
  CHECK(dropped(bench, EventDrop::outdated) == 1);
  CHECK(bench.cache().counters().resets == 1);
  bench.step(ServiceEvent{12'345, "change", ChangeEvent{}});
  CHECK(dropped(bench, EventDrop::unknown) == 1);
  CHECK(bench.cache().counters().events == 9);
}

TEST_CASE("Cache counts an event that had to wait once", "[cache][statistics]") {
  CacheBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.have_collection("a?q", {});
  bench.query_event("a");
  bench.change("a", {{"x", "1"}});
  CHECK(bench.cache().counters().events == 1);
  bench.answer_query("q", {ServiceEvent{0, "add", AddEvent{0, testing::value("1")}}});
  CHECK(bench.cache().counters().events == 3);
  CHECK(dropped(bench, EventDrop::unchanged) == 1);
  CHECK(dropped(bench, EventDrop::misfit) == 0);
}
