// cache: how many bytes it holds, what happens at the limit, and that all bytes are released in the end.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

namespace {

std::size_t bytes(const CacheBench& bench) {
  return bench.cache().counters().bytes;
}

CacheLimits limit_of(std::size_t bytes) {
  CacheLimits limits;
  limits.bytes = bytes;
  return limits;
}

std::string text(std::size_t size) {
  return '"' + std::string(size, 'x') + '"';
}

}  // namespace

TEST_CASE("Cache bytes: what is stored is counted, and given back", "[cache][bytes]") {
  CacheBench bench;
  CHECK(bytes(bench) == 0);
  bench.have_model("a", {{"x", text(10'000)}});
  const std::size_t loaded = bytes(bench);
  CHECK(loaded > 10'000);
  CHECK(loaded < 13'000);
  SECTION("as text, and as values where it changes") {
    bench.change("a", {{"y", text(20'000)}});
    CHECK(bytes(bench) > 30'000);
    CHECK(bytes(bench) < 34'000);
    bench.state("a");  // the state is now kept as values and as text
    CHECK(bytes(bench) > 60'000);
    bench.change("a", {{"y", "1"}});
    CHECK(bytes(bench) < 14'000);
    bench.change("a", {{"x", R"({"action":"delete"})"}});
    CHECK(bytes(bench) < 4'000);
  }
  SECTION("a full state while it is compared") {
    bench.reset({"a"});
    bench.answer_model("a", {{"x", text(5'000)}});
    CHECK(bytes(bench) > 25'000);
    bench.compared();
    CHECK(bytes(bench) < 8'000);
  }
  SECTION("a collection") {
    bench.have_collection("c", {});
    for (int i = 0; i < 100; ++i) bench.add("c", 0, i % 2 == 0 ? text(100) : R"({"rid":"some.other.resource"})");
    CHECK(bytes(bench) > loaded + 10'000);
    for (int i = 0; i < 100; ++i) bench.remove("c", 0);
    CHECK(bytes(bench) < loaded + 3'000);
    bench.unsubscribe("c");
  }
  bench.unsubscribe("a");
  bench.tick(5'000);
  CHECK(bench.cache().name_count() == 0);
  CHECK(bytes(bench) == 0);
}

// A client may ask for the same resource with any number of different queries.
TEST_CASE("Cache bytes: queries that all lead to one resource leave little behind", "[cache][bytes]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  const std::size_t before = bytes(bench);
  for (int i = 0; i < 1'000; ++i) {
    const std::string rid = "a?q=1&x=" + std::to_string(i) + std::string(i % 2 == 0 ? 1'000 : 100, 'x');
    bench.subscribe(rid);
    bench.answer_collection(rid, {"1"}, "q=1");
    bench.unsubscribe(rid);
  }
  CHECK(bench.cache().resource_count() == 1);
  CHECK(bytes(bench) - before < 3'000);
  bench.unsubscribe("a?q=1");
  bench.tick(5'000);
  CHECK(bytes(bench) == 0);
}

TEST_CASE("Cache bytes: a full cache lets go of what nobody uses, oldest first", "[cache][bytes]") {
  CacheBench bench(limit_of(30'000));
  for (const char* name : {"held", "a", "b"}) bench.have_model(name, {{"x", text(8'000)}});
  bench.unsubscribe("b");
  bench.unsubscribe("a");
  bench.have_model("c", {{"x", text(8'000)}});
  CHECK(bench.cache().name_count() == 3);  // b was released
  bench.subscribe("a");
  CHECK(bench.said().size() == 1);
  bench.unsubscribe("a");
  bench.have_model("d", {{"x", text(8'000)}});
  CHECK(bench.said().at(0).starts_with("d loaded"));
  CHECK(bench.cache().name_count() == 3);
  CHECK(bench.log.errors() == 0);
}

TEST_CASE("Cache bytes: what is new is refused where all is in use", "[cache][bytes]") {
  CacheBench bench(limit_of(30'000));
  for (const char* name : {"a", "b", "c"}) bench.have_model(name, {{"x", text(7'000)}});
  SECTION("a state that does not fit") {
    bench.subscribe("d");
    CHECK(bench.said().empty());
    bench.answer_model("d", {{"x", text(7'000)}});
    CHECK(bench.said() == Lines{"d system.serviceUnavailable"});
  }
  SECTION("a resource when it is full already, in one line of the log") {
    bench.change("a", {{"x", text(15'000)}});
    CHECK(bench.said().size() == 1);  // resources that are held follow their events even when the cache is full
    bench.subscribe("d");
    CHECK(bench.asked().empty());
    CHECK(bench.said() == Lines{"d system.serviceUnavailable"});
    bench.subscribe("a?q");
    CHECK(bench.said() == Lines{"a?q system.serviceUnavailable"});
    bench.subscribe("a");
    CHECK(bench.said().at(0).starts_with("a loaded"));
    bench.change("a", {{"x", "1"}});
  }
  CHECK(bench.log.errors() == 1);
  CHECK(bench.log.has("The cache is full"));
  CHECK(bench.cache().counters().refused > 0);
  bench.unsubscribe("b");
  bench.unsubscribe("c");
  bench.have_model("e", {{"x", "1"}});
  CHECK(bench.said().at(0).starts_with("e loaded"));
  CHECK(bench.cache().waits_for_time());
  bench.tick(1'000);
  CHECK(bench.log.has("has room again"));
  CHECK(bench.cache().counters().subscriptions >= 2);
}

// When the cache is full, it releases unused resources. It must not release the resource whose state it is just
// storing.
TEST_CASE("Cache bytes: a late state that nobody waits for, in a full cache", "[cache][bytes]") {
  CacheBench bench(limit_of(20'000));
  bench.have_model("a", {{"x", text(7'000)}});
  bench.subscribe("b");
  bench.withdraw("b");
  bench.answer_model("b", {{"x", text(12'000)}});
  CHECK(bench.said().empty());
  bench.unsubscribe("a");
  bench.tick(10'000);
  CHECK(bench.cache().name_count() == 0);
  CHECK(bytes(bench) == 0);
}

// If each release made a new entry in the queue, a client that subscribes and unsubscribes in a loop would fill it.
TEST_CASE("Cache bytes: what is released again and again waits once", "[cache][bytes]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.unsubscribe("a");
  for (Millis now = 0; now < 4'000; ++now) {
    bench.tick(now);
    bench.subscribe("a");
    bench.unsubscribe("a");
  }
  bench.tick(8'998);
  CHECK(bench.cache().name_count() == 1);
  bench.tick(8'999);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache bytes: many queries of a name come and go", "[cache][bytes]") {
  CacheBench bench;
  const int many = 2'000;
  for (int i = 0; i < many; ++i) bench.have_collection("a?" + std::to_string(i), {"1"});
  CHECK(bench.cache().resource_count() == many);
  for (int i = 0; i < many; ++i) bench.unsubscribe("a?" + std::to_string(i * 7 % many));
  CHECK(bench.cache().resource_count() == 0);
  bench.tick(5'000);
  CHECK(bytes(bench) == 0);
}
