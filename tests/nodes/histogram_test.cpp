// Histogram: durations in buckets.
#include "nodes/base/histogram.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace resflow;

TEST_CASE("Histogram: a duration is in the first bucket whose bound it does not exceed", "[histogram]") {
  Histogram h;
  h.observe(0);
  h.observe(Histogram::kBounds[0]);
  h.observe(Histogram::kBounds[0] + 1);
  h.observe(Histogram::kBounds.back());
  h.observe(Histogram::kBounds.back() + 1);
  h.observe(std::numeric_limits<Nanos>::max());
  CHECK(h.counts()[0] == 2);
  CHECK(h.counts()[1] == 1);
  CHECK(h.counts()[Histogram::kBounds.size() - 1] == 1);
  CHECK(h.counts()[Histogram::kBounds.size()] == 2);
  CHECK(h.count() == 6);
}

TEST_CASE("Histogram: the bounds go up") {
  for (std::size_t i = 1; i < Histogram::kBounds.size(); ++i) CHECK(Histogram::kBounds[i - 1] < Histogram::kBounds[i]);
}

TEST_CASE("Histogram: several add up", "[histogram]") {
  Histogram a;
  Histogram b;
  a.observe(1'000'000'000);
  b.observe(500'000'000);
  b.observe(2'000'000'000);
  a += b;
  CHECK(a.count() == 3);
  CHECK(a.seconds() == Approx(3.5));
  CHECK(b.count() == 2);
}
