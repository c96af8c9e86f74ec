// The table of tickets: each ticket finds its own subscription, and only as long as it is in the table.
#include "nodes/session/ticket_table.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "nodes/session/subscription.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

// The table never looks into a subscription, so an address is enough.
Subscription& subscription(std::size_t n) {
  static std::array<std::uint64_t, 64> places;
  return *reinterpret_cast<Subscription*>(&places[n]);
}

}  // namespace

TEST_CASE("Tickets: later tickets are greater, and have the lane in their upper bits", "[tickets]") {
  TicketTable table(3);
  Ticket latest = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Ticket ticket = table.add(subscription(0));
    CHECK(ticket > latest);
    CHECK(lane_of(ticket) == 3);
    if (i % 3 != 0) table.remove(ticket);
    latest = ticket;
  }
}

TEST_CASE("Tickets: a ticket that was removed finds nothing, also when its place is used again", "[tickets]") {
  TicketTable table(0);
  const Ticket first = table.add(subscription(1));
  table.remove(first);
  CHECK(table.empty());
  const Ticket second = table.add(subscription(2));
  CHECK(table.find(first) == nullptr);
  table.remove(first);
  CHECK(table.find(second) == &subscription(2));
  CHECK(table.find(0) == nullptr);
  CHECK(table.find(in_lane<Ticket>(1, second.value())) == nullptr);
  CHECK(table.find(Ticket::from(second.value() + 1)) == nullptr);
}

TEST_CASE("Tickets: random use agrees with a map", "[tickets]") {
  testing::Random random(7);
  TicketTable table(0);
  std::map<Ticket, Subscription*> expected;
  std::vector<Ticket> all;
  for (int i = 0; i < 20'000; ++i) {
    if (random.below(5) < 3 && expected.size() < 6'000) {
      Subscription& s = subscription(random.below(64));
      all.push_back(table.add(s));
      expected[all.back()] = &s;
    } else if (!all.empty()) {
      const Ticket ticket = random.of(all);
      table.remove(ticket);
      expected.erase(ticket);
    }
    table.give_back_memory();
    if (!all.empty()) {
      const Ticket ticket = random.of(all);
      const auto it = expected.find(ticket);
      REQUIRE(table.find(ticket) == (it == expected.end() ? nullptr : it->second));
    }
  }
  for (const Ticket ticket : all) table.remove(ticket);
  CHECK(table.empty());
  table.give_back_memory();
  for (const Ticket ticket : all) CHECK(table.find(ticket) == nullptr);
}
