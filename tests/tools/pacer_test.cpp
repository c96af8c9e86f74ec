#include "tools/bench/pacer.hpp"

#include <catch2/catch.hpp>

using resflow::bench::Pacer;

namespace {
constexpr std::int64_t kSecond = 1'000'000'000;
}

TEST_CASE("Pacer: each is due at its time, whatever came before", "[pacer]") {
  const Pacer pacer(1'000, 5 * kSecond, kSecond);
  CHECK(pacer.time_of(0) == 5 * kSecond);
  CHECK(pacer.time_of(1) == 5 * kSecond + 1'000'000);
  CHECK(pacer.time_of(999) == 5 * kSecond + 999'000'000);
  CHECK(pacer.due(0, 5 * kSecond));
  CHECK_FALSE(pacer.due(1, 5 * kSecond + 999'999));
  CHECK(pacer.due(1, 5 * kSecond + 1'000'000));
  // After a stall, everything that was delayed is due at once, and later steps keep their time.
  CHECK(pacer.due(500, 5 * kSecond + 500'000'000));
  CHECK_FALSE(pacer.due(501, 5 * kSecond + 500'000'000));
}

TEST_CASE("Pacer: so many as are planned, however late", "[pacer]") {
  const Pacer pacer(1'000, 0, kSecond / 2);
  CHECK(pacer.planned() == 500);
  CHECK(pacer.due(499, 100 * kSecond));
  CHECK_FALSE(pacer.due(500, 100 * kSecond));
  CHECK_FALSE(pacer.over(499, 100 * kSecond));
  CHECK(pacer.over(500, 0));
}

TEST_CASE("Pacer: what is due at its time is due at every rate", "[pacer]") {
  for (const double rate : {0.1, 3.0, 7.7, 999.0, 44'100.0, 10'000'000.0}) {
    const Pacer pacer(rate, 1'234'567'890'123, 3'600 * kSecond);
    for (std::uint64_t n = 1; n < pacer.planned(); n = n * 3 + 1) {
      INFO(rate << ' ' << n);
      CHECK(pacer.due(n, pacer.time_of(n)));
      CHECK_FALSE(pacer.due(n, pacer.time_of(n) - 1));
      CHECK(pacer.time_of(n) >= pacer.time_of(n - 1));
    }
  }
}

TEST_CASE("Pacer: without a pace everything is due until the time is over", "[pacer]") {
  const Pacer pacer(0, 10, 100);
  CHECK_FALSE(pacer.paced());
  CHECK(pacer.due(1'000'000, 10));
  CHECK(pacer.due(0, 109));
  CHECK_FALSE(pacer.due(0, 110));
  CHECK_FALSE(pacer.over(1'000'000, 109));
  CHECK(pacer.over(0, 110));
}
