// session: throttles. All resources that one request or one event causes to be loaded have the same throttle.
#include <catch2/catch.hpp>
#include <set>

#include "tests/nodes/session_bench.hpp"

using namespace resflow;
using testing::Lines;
using testing::SessionBench;

namespace {

// The resources that the session asked for in the latest step, in order, and their throttles.
struct Loads {
  explicit Loads(const SessionBench& bench) {
    for (const Subscribe& s : testing::only<Subscribe>(bench.out().cache)) {
      rids.push_back(s.target->text());
      throttles.insert(s.throttle);
    }
  }
  Lines rids;
  std::set<ThrottleId> throttles;
};

ThrottleId recheck_throttle(const SessionBench& bench) {
  const auto rechecks = testing::only<Recheck>(bench.out().authorize);
  REQUIRE(rechecks.size() == 1);
  return rechecks[0].throttle;
}

const ThrottleId kReset = throttle_id(ThrottleKind::reset, 0, 7);

}  // namespace

TEST_CASE("Session throttles: all that one request loads is one, in the order in which it is named", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  const Loads root(bench);
  REQUIRE(root.throttles.size() == 1);
  const ThrottleId throttle = *root.throttles.begin();
  CHECK(throttle.value() != 0);
  CHECK(kind_of(throttle) == ThrottleKind::reference);
  bench.load("a", {"b", "c", "b", "d"});
  CHECK(Loads(bench).rids == Lines{"b", "c", "d"});
  CHECK(Loads(bench).throttles == root.throttles);
  bench.load("c", {"a", "f", "e"});
  CHECK(Loads(bench).rids == Lines{"f", "e"});
  CHECK(Loads(bench).throttles == root.throttles);
  bench.fail("b", errors::timeout);
  CHECK(Loads(bench).rids.empty());
}

TEST_CASE("Session throttles: each request has its own", "[session]") {
  SessionBench bench;
  bench.version("1.2.3");
  std::set<ThrottleId> throttles;
  const auto note = [&] { throttles.merge(Loads(bench).throttles); };
  bench.subscribe(1, "a");
  note();
  bench.get(2, "b");
  note();
  bench.connect(1);
  bench.subscribe(1, "c", 1);
  note();
  bench.answer_with_resource(3, "d");
  note();
  CHECK(throttles.size() == 4);
  // A request whose resources are already being loaded needs no throttle.
  bench.subscribe(4, "a");
  CHECK(Loads(bench).rids.empty());
}

TEST_CASE("Session throttles: the one of a lane is not that of another", "[session]") {
  std::set<ThrottleId> throttles;
  std::set<Ticket> tickets;
  for (LaneId lane = 0; lane < 3; ++lane) {
    Session session(lane, {}, WebOptions{});
    SessionOut out;
    const ConnId conn{0, 1, lane};
    session.process(Connected{conn, testing::client_info("cid")}, out);
    Request r = SessionBench::request(RequestKind::subscribe, 1, "a", 0);
    r.conn = conn;
    session.process(std::move(r), out);
    const auto subscribe = testing::only<Subscribe>(out.cache).at(0);
    CHECK(lane_of(subscribe.throttle) == lane);
    throttles.insert(subscribe.throttle);
    tickets.insert(subscribe.ticket);
  }
  CHECK(throttles.size() == 3);
  CHECK(tickets.size() == 3);
}

TEST_CASE("Session throttles: what an event adds is one", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.change("a", {"b", "c"});
  const Loads first(bench);
  CHECK(first.rids == Lines{"b", "c"});
  CHECK(first.throttles.size() == 1);
  bench.load("b", {"d"});
  CHECK(Loads(bench).throttles == first.throttles);
  bench.load("c");
  bench.load("d");
  bench.change("a", {"e"});
  CHECK(Loads(bench).throttles.size() == 1);
  CHECK(Loads(bench).throttles != first.throttles);
}

TEST_CASE("Session throttles: a reaccess keeps that of its reset", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  SECTION("followed at once") {
    bench.reaccess("a", kReset);
    CHECK(recheck_throttle(bench) == kReset);
  }
  SECTION("behind an event that is made ready") {
    bench.change("a", {"b"});
    bench.reaccess("a", kReset);
    CHECK(bench.asked().empty());
    bench.load("b");
    CHECK(recheck_throttle(bench) == kReset);
  }
  SECTION("behind the verdict of another") {
    bench.reaccess("a");
    CHECK(recheck_throttle(bench).value() == 0);
    bench.reaccess("a", kReset);
    CHECK(bench.asked().empty());
    bench.allow("a");
    CHECK(recheck_throttle(bench) == kReset);
  }
  SECTION("a service's own has none") {
    bench.reaccess("a", kReset);
    bench.allow("a");
    bench.reaccess("a");
    CHECK(recheck_throttle(bench).value() == 0);
  }
}

TEST_CASE("Session throttles: what nobody waits for any more is withdrawn", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.load("a", {"b", "c"});
  bench.load("c", {"d"});
  SECTION("with the request that is denied") {
    bench.deny("a");
    CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe c", "withdraw b", "withdraw d"});
    // A new request for b gets a new ticket.
    const Ticket withdrawn = bench.ticket("b");
    bench.subscribe(2, "b");
    CHECK(bench.cache() == Lines{"subscribe b"});
    CHECK(bench.ticket("b") != withdrawn);
  }
  SECTION("but not what another request waits for") {
    bench.subscribe(2, "d");
    bench.deny("a");
    CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe c", "withdraw b"});
    bench.allow("d");
    bench.load("d");
    CHECK(bench.sent() == Lines{"#2 set{d}"});
  }
  SECTION("with the connection") {
    bench.disconnect();
    CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe c", "withdraw b", "withdraw d"});
  }
}
