// A session that throws in the middle of its work: what happens to the client concerned, and to the others.
#include <catch2/catch.hpp>
#include <functional>

#include "tests/nodes/session_bench.hpp"

namespace resflow::testing {

namespace {

using Steps = std::function<void(SessionBench&)>;

// Makes the last step of `act` run out of memory at each of its allocations in turn. Each time in a new world, in which
// clients 0 and 1 are subscribed to the same resource, and `prepare` was done.
void fail_everywhere(const Steps& prepare, const Steps& act) {
  std::size_t thrown = 0;
  for (std::size_t at = 0;; ++at) {
    INFO("allocation " << at);
    SessionBench s;
    s.connect(1);
    s.subscribed("library.books", {}, 1);
    s.subscribed("library.books", {}, 0);
    prepare(s);
    s.fault().at = at;
    act(s);
    if (s.fault().threw) {
      ++thrown;
      REQUIRE(!s.sent(0).empty());
      CHECK(s.sent(0).back() == "close 1011");
    }
    const bool last = !s.fault().reached;

    s.custom("library.books", "printed");
    REQUIRE(s.sent(1) == Lines{"library.books.printed"});
    if (thrown > at) CHECK(s.sent(0).empty());
    s.disconnect(0);
    s.custom("library.books", "read");
    REQUIRE(s.sent(1) == Lines{"library.books.read"});
    s.disconnect(1);
    CHECK(s.session().records() == 0);
    if (last) break;
  }
  CHECK(thrown > 0);
}

}  // namespace

TEST_CASE("session: when a message of a client fails, the client is closed and the others go on") {
  const auto nothing = [](SessionBench&) {};
  const auto subscribed = [](SessionBench& s) { s.subscribe(7, "library.book.1"); };
  SECTION("a request") {
    fail_everywhere(nothing, subscribed);
  }
  SECTION("an unsubscribe request") {
    fail_everywhere(nothing, [](SessionBench& s) { s.unsubscribe(7, "library.books"); });
  }
  SECTION("a loaded resource with a reference") {
    fail_everywhere(subscribed, [](SessionBench& s) { s.load("library.book.1", {"library.author.1"}); });
  }
  SECTION("a verdict") {
    fail_everywhere(
        [](SessionBench& s) {
          s.subscribe(7, "library.book.1");
          s.load("library.book.1");
        },
        [](SessionBench& s) { s.allow("library.book.1"); });
  }
  SECTION("an unsubscribe request for a resource with a reference") {
    fail_everywhere([](SessionBench& s) { s.subscribed("library.shelf.1", {"library.books"}); },
                    [](SessionBench& s) { s.unsubscribe(7, "library.shelf.1"); });
  }
  SECTION("a token") {
    fail_everywhere(nothing, [](SessionBench& s) { s.token("{}"); });
  }
}

TEST_CASE("session: when an event fails, each client gets it or is closed") {
  // Client 0 needs the reference's resource first, so it handles the event in its own session.
  std::size_t at = 0;
  bool reached = true;
  for (; reached; ++at) {
    INFO("allocation " << at);
    SessionBench s;
    s.connect(1);
    s.connect(2);
    for (std::uint32_t slot : {0u, 1u, 2u}) s.subscribed("library.books", {}, slot);
    for (std::uint32_t slot : {1u, 2u}) s.subscribed("library.book.1", {}, slot);
    s.fault().at = at;
    s.change("library.books", {"library.book.1"});
    reached = s.fault().reached;
    if (!s.fault().threw) continue;
    for (std::uint32_t slot : {1u, 2u}) {
      REQUIRE(!s.sent(slot).empty());
      if (s.sent(slot).back() != "close 1011") CHECK(s.sent(slot) == Lines{"library.books.change"});
    }
    for (std::uint32_t slot : {0u, 1u, 2u}) s.disconnect(slot);
    CHECK(s.session().records() == 0);
  }
  CHECK(at > 2);
}

}  // namespace resflow::testing
