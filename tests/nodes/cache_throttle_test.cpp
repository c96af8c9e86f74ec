// cache: which throttle a request to a service belongs to, and requests that nobody needs any more.
#include <catch2/catch.hpp>

#include "tests/nodes/cache_bench.hpp"

using namespace resflow;
using testing::CacheBench;
using testing::Lines;

namespace {

const ThrottleId kFirst = throttle_id(ThrottleKind::reset, 0, 1);  // the throttle of the first system reset
const ThrottleId kSecond = throttle_id(ThrottleKind::reset, 0, 2);
const ThrottleId kReference = throttle_id(ThrottleKind::reference, 3, 5);
const ThrottleId kOther = throttle_id(ThrottleKind::reference, 1, 5);

// Returns the throttle of the only request of the latest step.
ThrottleId get_throttle(const CacheBench& bench) {
  const auto requests = testing::only<ServiceRequest>(bench.out().ask);
  REQUIRE(requests.size() == 1);
  return requests[0].throttle;
}

// Returns the throttle of the only reaccess event of the latest step.
ThrottleId reaccess_throttle(const CacheBench& bench) {
  ThrottleId found = 0;
  int count = 0;
  for (const EventPtr& event : bench.events()) {
    if (event->kind != EventKind::reaccess) continue;
    found = event->throttle;
    ++count;
  }
  REQUIRE(count == 1);
  return found;
}

}  // namespace

TEST_CASE("Cache throttles: a get request has that of the first to ask", "[cache]") {
  CacheBench bench;
  bench.subscribe("a", 0, kReference);
  CHECK(get_throttle(bench) == kReference);
  bench.subscribe("a", 1, kOther);
  CHECK(bench.asked().empty());
  bench.answer_error("a", errors::timeout);
  bench.subscribe("a", 1, kOther);
  CHECK(get_throttle(bench) == kOther);
}

TEST_CASE("Cache throttles: all that one system reset causes is one", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.have_model("b", {});
  bench.have_collection("a?q=1", {"1"});
  bench.reset({">"}, {">"});
  const auto requests = testing::only<ServiceRequest>(bench.out().ask);
  CHECK(requests.size() == 3);
  for (const ServiceRequest& r : requests) CHECK(r.throttle == kFirst);
  CHECK(bench.events().size() == 3);
  for (const EventPtr& event : bench.events()) CHECK(event->throttle == kFirst);
  // Each reset has a throttle of its own. A reset that concerns no resource uses up a number, too.
  bench.reset({"nobody"});
  bench.reset({}, {"a"});
  CHECK(bench.events().size() == 2);
  for (const EventPtr& event : bench.events()) CHECK(event->throttle == throttle_id(ThrottleKind::reset, 0, 3));
}

TEST_CASE("Cache throttles: every lane gives a system reset the same number", "[cache]") {
  testing::FakeLog log;
  std::vector<ThrottleId> throttles;
  for (LaneId lane = 0; lane < 3; ++lane) {
    Cache cache(lane, {}, log);
    CacheOut out;
    cache.process(SystemReset{{"none"}, {}}, out);
    cache.process(Subscribe{make_rid("a"), 1}, out);
    const auto get = std::get<GetFor>(testing::only<ServiceRequest>(out.ask).at(0).purpose);
    cache.process(GetAnswer{get.resource, false, {}}, out);
    out = CacheOut{};
    cache.process(SystemReset{{"a"}, {}}, out);
    throttles.push_back(testing::only<ServiceRequest>(out.ask).at(0).throttle);
  }
  CHECK(throttles == std::vector<ThrottleId>(3, kSecond));
}

TEST_CASE("Cache throttles: a reset that cannot be followed at once keeps its own", "[cache]") {
  CacheBench bench;
  SECTION("while another is under way") {
    bench.have_model("a", {});
    bench.reset({"a"});
    CHECK(get_throttle(bench) == kFirst);
    bench.reset({"a"});
    CHECK(bench.asked().empty());
    bench.answer_model("a", {});
    bench.compared();
    CHECK(get_throttle(bench) == kSecond);
  }
  SECTION("while it fails") {
    bench.have_model("a", {});
    bench.reset({"a"});
    bench.reset({"a"});
    bench.answer_error("a", errors::timeout);
    CHECK(get_throttle(bench) == kSecond);
  }
  SECTION("while the states are compared") {
    bench.have_model("a", {});
    bench.reset({"a"});
    bench.answer_model("a", {{"x", "1"}});
    bench.reset({"a"}, {"a"});
    bench.compared();
    CHECK(get_throttle(bench) == kSecond);
    CHECK(reaccess_throttle(bench) == kSecond);
  }
  SECTION("before the first state") {
    bench.subscribe("a", 0, kReference);
    bench.reset({"a"}, {"a"});
    bench.answer_model("a", {});
    CHECK(get_throttle(bench) == kFirst);
    CHECK(reaccess_throttle(bench) == kFirst);
  }
  SECTION("before the first state of what is another resource in the end") {
    bench.subscribe("a?y&x", 0, kReference);
    bench.reset({"a"}, {"a"});
    bench.answer_model("a?y&x", {}, "x&y");
    CHECK(get_throttle(bench) == kFirst);
    CHECK(reaccess_throttle(bench) == kFirst);
  }
  SECTION("when it has failed and is tried again") {
    bench.have_model("a", {});
    bench.reset({"a"});
    bench.answer_error("a", errors::timeout);
    bench.tick(5'000);
    CHECK(get_throttle(bench) == kFirst);
  }
}

TEST_CASE("Cache throttles: a service's own reaccess event has none", "[cache]") {
  CacheBench bench;
  bench.have_model("a", {});
  bench.reset({}, {"a"});
  CHECK(reaccess_throttle(bench) == kFirst);
  bench.event("a", "reaccess", ReaccessEvent{});
  CHECK(reaccess_throttle(bench).value() == 0);
}

TEST_CASE("Cache throttles: a get request that nobody wants is withdrawn", "[cache]") {
  CacheBench bench;
  bench.subscribe("a", 0, kReference);
  SECTION("and ends unsent") {
    bench.withdraw("a");
    CHECK(bench.asked() == Lines{"withdraw"});
    bench.answer_error("a", errors::withdrawn);
    CHECK(bench.said().empty());
    CHECK(bench.cache().resource_count() == 0);
    bench.subscribe("a");
    CHECK(bench.asked() == Lines{"get.a"});
  }
  SECTION("but was sent: what comes is kept for a while") {
    bench.withdraw("a");
    bench.answer_model("a", {{"x", "1"}});
    CHECK(bench.said().empty());
    bench.subscribe("a");
    CHECK(bench.said() == Lines{R"(a loaded {"x":1})"});
  }
  SECTION("but somebody else waits") {
    bench.subscribe("a", 1, kOther);
    bench.withdraw("a", 1);
    CHECK(bench.asked().empty());
    bench.answer_model("a", {});
    CHECK(bench.said() == Lines{"lane 1: a loaded {}"});
  }
  SECTION("but somebody comes to want it: it is asked for as theirs") {
    bench.withdraw("a");
    bench.subscribe("a", 1, kOther);
    CHECK(bench.asked().empty());
    bench.answer_error("a", errors::withdrawn);
    CHECK(bench.said().empty());
    CHECK(get_throttle(bench) == kOther);
    bench.answer_model("a", {});
    CHECK(bench.said() == Lines{"lane 1: a loaded {}"});
  }
  SECTION("and its name is let go in time, answered or not") {
    bench.withdraw("a");
    bench.tick(5'000);
    CHECK(bench.asked() == Lines{"-"});
    CHECK(bench.cache().name_count() == 0);
    bench.answer_error("a", errors::withdrawn);
    CHECK(bench.said().empty());
    CHECK(bench.cache().name_count() == 0);
  }
}

TEST_CASE("Cache throttles: a withdrawal that comes too late changes nothing", "[cache]") {
  CacheBench bench;
  bench.subscribe("a", 0, kReference);
  SECTION("behind the state") {
    bench.answer_model("a", {});
    bench.withdraw("a");
    CHECK(bench.asked().empty());
    bench.custom("a", "1");
    CHECK(bench.said() == Lines{"a custom 1"});
    bench.unsubscribe("a");
  }
  SECTION("behind an error, when the next waits already") {
    bench.answer_error("a", errors::timeout);
    bench.subscribe("a", 1, kOther);
    bench.withdraw("a", 1);
    CHECK(bench.asked().empty());
    bench.answer_model("a", {});
    CHECK(bench.said() == Lines{"lane 1: a loaded {}"});
    return;
  }
  SECTION("behind everything") {
    bench.answer_error("a", errors::timeout);
    bench.tick(5'000);
    bench.withdraw("a");
    CHECK(bench.asked().empty());
  }
  bench.tick(10'000);
  CHECK(bench.cache().name_count() == 0);
}

TEST_CASE("Cache throttles: a withdrawal keeps its place among what waits for the name", "[cache]") {
  CacheBench bench;
  bench.have_collection("a?q=1", {"1"});
  bench.query_event("a");
  bench.subscribe("a", 0, kReference);
  bench.withdraw("a");
  CHECK(bench.asked().empty());
  bench.answer_query("q=1", {});
  CHECK(bench.asked() == Lines{"get.a", "withdraw"});
}

TEST_CASE("Cache throttles: the state of what is let go while it is reset is not wanted any more", "[cache]") {
  CacheBench bench;
  SECTION("a query resource") {
    bench.have_collection("a?q=1", {"1"});
    bench.reset({"a"});
    bench.unsubscribe("a?q=1");
    CHECK(bench.asked() == Lines{"withdraw"});
    bench.answer_error("a?q=1", errors::withdrawn);
  }
  SECTION("a name that nobody uses") {
    bench.have_model("a", {});
    bench.reset({"a"});
    bench.unsubscribe("a");
    bench.tick(5'000);
    CHECK(bench.asked() == Lines{"-", "withdraw"});
    bench.answer_error("a", errors::withdrawn);
  }
  SECTION("a query that is not loaded yet") {
    bench.subscribe("a?q=1", 0, kReference);
    bench.withdraw("a?q=1");
    CHECK(bench.asked() == Lines{"withdraw"});
    CHECK(bench.cache().resource_count() == 0);
    bench.answer_error("a?q=1", errors::withdrawn);
  }
  CHECK(bench.said().empty());
  CHECK(bench.log.errors() == 0);
  bench.tick(20'000);
  CHECK(bench.cache().name_count() == 0);
  CHECK(bench.cache().resource_count() == 0);
}
