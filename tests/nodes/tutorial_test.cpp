// The node of the tutorial in nodes/README.md, alone.
#include <catch2/catch.hpp>

#include "tests/nodes/fakes.hpp"
#include "tests/nodes/tutorial/tally.hpp"

using namespace resflow;

namespace {

Delivery delivery(std::string_view rid, std::size_t clients) {
  Delivery d;
  d.event = std::make_shared<ResourceEvent>();
  d.rid = make_rid(rid);
  d.to.resize(clients);
  return d;
}

}  // namespace

TEST_CASE("tally: everything is passed on, in order, and deliveries are counted by name") {
  Tally tally;
  TallyOut out;
  tally.process(delivery("test.model", 2), out);
  tally.process(CloseClient{ConnId{1, 2, 0}, 1008, "a reason"}, out);
  tally.process(delivery("test.list?limit=10", 5), out);
  tally.process(delivery("test.model", 1), out);
  REQUIRE(out.encode.size() == 4);
  CHECK(std::holds_alternative<CloseClient>(out.encode[1]));
  CHECK(testing::only<Delivery>(out.encode).at(1).rid->text() == "test.list?limit=10");
  using Counts = std::vector<std::pair<std::string, std::uint64_t>>;
  CHECK(tally.busiest(10) == Counts{{"test.list", 5}, {"test.model", 3}});
  CHECK(tally.busiest(1) == Counts{{"test.list", 5}});
}

TEST_CASE("tally: names are bounded, and nothing is lost of the count") {
  Tally tally;
  TallyOut out;
  for (std::size_t i = 0; i < Tally::kMaxNames + 10; ++i) tally.process(delivery("test." + std::to_string(i), 3), out);
  tally.process(delivery("test.0", 1), out);
  CHECK(tally.busiest(10'000).size() == Tally::kMaxNames);
  CHECK(tally.busiest(1).front().second == 4);
  CHECK(tally.others() == 30);
}
