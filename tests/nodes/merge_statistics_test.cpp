// What merge counts.
#include <catch2/catch.hpp>

#include "tests/nodes/merge_bench.hpp"

using namespace resflow;
using testing::MergeBench;

namespace {

std::uint64_t lookups(const MergeBench& bench, CacheLookup result) {
  return bench.merge().counters().lookups[result];
}

std::uint64_t dropped(const MergeBench& bench, EventDrop why) {
  return bench.merge().counters().dropped[why];
}

std::size_t subscriptions(const MergeBench& bench) {
  return bench.merge().counters().subscriptions;
}

}  // namespace

TEST_CASE("Merge counts what subscribers find in the cache", "[merge][statistics]") {
  MergeBench bench;
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

TEST_CASE("Merge counts the subscriptions of the present", "[merge][statistics]") {
  MergeBench bench;
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
    bench.unsubscribe("a");  // which nobody has
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

TEST_CASE("Merge counts a subscription that had to wait for others once", "[merge][statistics]") {
  MergeBench bench;
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

TEST_CASE("Merge counts events, and why it drops some", "[merge][statistics]") {
  MergeBench bench;
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
  CHECK(bench.merge().counters().events == 7);
  bench.reset({"a"});
  bench.change("a", {{"x", "3"}});
  CHECK(dropped(bench, EventDrop::outdated) == 1);
  CHECK(bench.merge().counters().resets == 1);
  bench.step(ServiceEvent{12'345, "change", ChangeEvent{}});
  CHECK(dropped(bench, EventDrop::unknown) == 1);
  CHECK(bench.merge().counters().events == 9);
}

TEST_CASE("Merge counts an event that had to wait once", "[merge][statistics]") {
  MergeBench bench;
  bench.have_model("a", {{"x", "1"}});
  bench.have_collection("a?q", {});
  bench.query_event("a");
  bench.change("a", {{"x", "1"}});
  CHECK(bench.merge().counters().events == 1);
  bench.answer_query("q", {ServiceEvent{0, "add", AddEvent{0, testing::value("1")}}});
  CHECK(bench.merge().counters().events == 3);
  CHECK(dropped(bench, EventDrop::unchanged) == 1);
  CHECK(dropped(bench, EventDrop::misfit) == 0);
}
