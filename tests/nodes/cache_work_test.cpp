// cache: work that clients or services can make long is done in pieces, and the order of messages stays the same.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

namespace {

constexpr std::size_t kPiece = 10;

CacheLimits small_pieces() {
  CacheLimits limits;
  limits.piece = kPiece;
  return limits;
}

std::string numbered(const std::string& start, std::size_t i) {
  return start + std::to_string(100 + i);
}

void have_queries(CacheBench& bench, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bench.have_collection(numbered("a?q=", i), {"1"});
}

// Takes turns until no work is left, and returns all lines of them. Checks that no turn does more than a piece of work.
Lines all_turns(CacheBench& bench, Lines (CacheBench::*lines)() const) {
  Lines all = (bench.*lines)();
  CHECK(all.size() <= kPiece);
  while (bench.next_turn()) {
    const Lines more = (bench.*lines)();
    CHECK(more.size() <= 2 * kPiece);  // a resource that is let go may cause a withdraw and an unsubscribe
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace

TEST_CASE("Cache work: a query event on many queries", "[cache][work]") {
  CacheBench bench(small_pieces());
  have_queries(bench, 45);
  Lines expected;
  for (std::size_t i = 0; i < 45; ++i) expected.push_back(numbered("inbox q=", i));
  bench.tick(1);
  bench.query_event("a");
  CHECK(bench.asked().size() == kPiece);
  Lines asked = bench.asked();
  // Answers may arrive before the last query is asked. Other messages wait.
  bench.answer_query("q=100", {});
  bench.pass_on("a", 1);
  CHECK(bench.said().empty());
  REQUIRE(bench.next_turn());
  const Lines more = all_turns(bench, &CacheBench::asked);
  asked.insert(asked.end(), more.begin(), more.end());
  CHECK(asked == expected);
  for (std::size_t i = 1; i < 44; ++i) {
    bench.answer_query(numbered("q=", i), {});
    CHECK(bench.said().empty());
  }
  bench.tick(2);
  bench.answer_query("q=144", {});
  CHECK(bench.said() == Lines{"#1"});
}

TEST_CASE("Cache work: a reset of many names", "[cache][work]") {
  CacheBench bench(small_pieces());
  Lines expected;
  for (std::size_t i = 0; i < 100; ++i) {
    bench.have_model(numbered("a.", i), {{"x", "1"}});
    expected.push_back(numbered("get.a.", i));
  }
  bench.tick(1);
  bench.reset({"a.*"});
  SECTION("one after the other") {
    CHECK(all_turns(bench, &CacheBench::asked) == expected);
  }
  SECTION("another reset before the end of the first") {
    bench.next_turn();
    bench.reset({"a.100", "a.199"});
    CHECK(bench.asked().empty());
    const Lines asked = all_turns(bench, &CacheBench::asked);
    CHECK(std::count(asked.begin(), asked.end(), "get.a.199") == 1);
    // The second reset asks for a.100 again, after the pending request is answered.
    bench.answer_model("a.100", {{"x", "1"}});
    bench.compared();
    CHECK(bench.asked() == Lines{"get.a.100"});
  }
  SECTION("a name to which it has not come takes it before anything else") {
    bench.change("a.199", {{"x", "2"}});
    CHECK(bench.said().empty());
    bench.tick(2);
    bench.change("a.198", {{"x", "2"}});
    CHECK(bench.said().empty());
    CHECK(bench.asked() == Lines{"get.a.198"});
    const Lines asked = all_turns(bench, &CacheBench::asked);
    CHECK(std::count(asked.begin(), asked.end(), "get.a.198") == 1);
    CHECK(std::count(asked.begin(), asked.end(), "get.a.199") == 1);
    CHECK(bench.cache().counters().dropped[EventDrop::outdated] == 2);
  }
  SECTION("a name that goes meanwhile, and one that comes") {
    for (std::size_t i = 0; i < 100; ++i) bench.unsubscribe(numbered("a.", i));
    bench.tick(10'000);
    bench.subscribe("a.new");
    Lines asked = all_turns(bench, &CacheBench::asked);
    CHECK(std::count(asked.begin(), asked.end(), "get.a.new") == 1);
    bench.tick(20'000);
    all_turns(bench, &CacheBench::asked);
    CHECK(bench.cache().name_count() == 1);
  }
  CHECK_FALSE(bench.goes_on());
}

TEST_CASE("Cache work: many resets that come faster than they are carried out", "[cache][work]") {
  CacheBench bench(small_pieces());
  for (std::size_t i = 0; i < 50; ++i) bench.have_model(numbered("a.", i), {{"x", "1"}});
  bench.tick(1);
  for (std::size_t i = 0; i < 50; ++i) bench.reset({numbered("a.", i)});
  while (bench.next_turn()) {
  }
  for (std::size_t i = 0; i < 50; ++i) CHECK_NOTHROW(bench.answer_error(numbered("a.", i), errors::timeout));
}

TEST_CASE("Cache work: a reset of many queries", "[cache][work]") {
  CacheBench bench(small_pieces());
  have_queries(bench, 35);
  bench.have_model("a", {});
  bench.tick(1);
  bench.reset({"a"});
  bench.custom("a", "1");
  CHECK(bench.said().empty());
  Lines said;
  Lines asked;
  while (bench.next_turn()) {
    for (const std::string& line : bench.said()) said.push_back(line);
    for (const std::string& line : bench.asked()) asked.push_back(line);
  }
  CHECK(asked.back() == "get.a?q=134");
  CHECK(asked.size() >= 26);
  CHECK(said == Lines{"a custom 1"});
}

TEST_CASE("Cache work: many messages that waited", "[cache][work]") {
  CacheBench bench(small_pieces());
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  Lines expected;
  for (std::uint64_t id = 1; id <= 45; ++id) {
    bench.pass_on("a", id);
    expected.push_back('#' + std::to_string(id));
  }
  bench.tick(1);
  bench.answer_query("q=1", {});
  Lines said = bench.said();
  CHECK(said.size() == kPiece);
  bench.pass_on("a", 46);  // waits behind the others
  CHECK(bench.said().empty());
  expected.push_back("#46");
  REQUIRE(bench.next_turn());
  for (const std::string& line : all_turns(bench, &CacheBench::said)) said.push_back(line);
  CHECK(said == expected);
  bench.tick(2);
  bench.pass_on("a", 47);
  CHECK(bench.said() == Lines{"#47"});
}

// The answer to each query event lets the next one go on at once. The recursion depth must not grow with their number.
TEST_CASE("Cache work: a hundred thousand query events one behind the other", "[cache][work]") {
  CacheLimits limits;
  limits.deferred = 200'000;
  limits.bytes <<= 3;
  CacheBench bench(limits);
  bench.have_collection("a?q=1", {"1"});
  const int many = 100'000;
  for (int i = 0; i < many; ++i) bench.query_event("a");
  for (int i = 0; i < many; ++i) {
    while (bench.next_turn()) {
    }
    bench.answer_query("q=1", {});
    bench.tick(i);
  }
  while (bench.next_turn()) {
  }
  bench.pass_on("a", 1);
  CHECK(bench.said() == Lines{"#1"});
}

TEST_CASE("Cache work: a state that differs much", "[cache][work]") {
  CacheBench bench(small_pieces());
  std::vector<std::string> before;
  std::vector<std::string> after;
  for (std::size_t i = 0; i < 30; ++i) {
    before.push_back(numbered("", i));
    after.push_back(numbered("9", i));
  }
  bench.have_collection("a", before);
  bench.reset({"a"});
  bench.answer_collection("a", after);
  bench.tick(1);
  bench.compared();
  CHECK(bench.said().size() == kPiece);
  bench.subscribe("a", 1);
  bench.add("a", 0, "1");
  CHECK(bench.said().empty());
  REQUIRE(bench.next_turn());
  SECTION("who comes meanwhile gets the whole of it") {
    const Lines said = all_turns(bench, &CacheBench::said);
    REQUIRE(said.size() >= 3);
    CHECK(said[said.size() - 3].starts_with("lane 1: a loaded [9100,9101,"));
    CHECK(said[said.size() - 2] == R"(a add {"idx":0,"value":1})");
    CHECK(said[said.size() - 1] == R"(lane 1: a add {"idx":0,"value":1})");
  }
  SECTION("it is deleted meanwhile by nobody: a delete waits") {
    bench.event("a", "delete", DeleteEvent{});
    CHECK(bench.said().empty());
    const Lines said = all_turns(bench, &CacheBench::said);
    CHECK(said.back() == "lane 1: a delete");
  }
}

TEST_CASE("Cache work: the answer to a query request with many events", "[cache][work]") {
  CacheBench bench(small_pieces());
  bench.have_collection("a?q=1", {});
  bench.query_event("a");
  bench.pass_on("a", 1);
  std::vector<ServiceEvent> events;
  for (std::int64_t i = 0; i < 45; ++i) events.push_back({0, "add", AddEvent{i, testing::value(std::to_string(i))}});
  bench.tick(1);
  bench.answer_query("q=1", std::move(events));
  const Lines said = all_turns(bench, &CacheBench::said);
  CHECK(said.size() == 46);
  CHECK(said.back() == "#1");
}

TEST_CASE("Cache work: many names that nobody uses any more", "[cache][work]") {
  CacheBench bench(small_pieces());
  for (std::size_t i = 0; i < 45; ++i) bench.have_model(numbered("a.", i), {});
  for (std::size_t i = 0; i < 45; ++i) bench.unsubscribe(numbered("a.", i));
  bench.tick(4'999);
  CHECK(bench.cache().name_count() == 45);
  bench.tick(5'000);
  CHECK(bench.cache().name_count() == 35);
  CHECK(all_turns(bench, &CacheBench::asked).size() == 45);
  CHECK(bench.cache().name_count() == 0);
}
