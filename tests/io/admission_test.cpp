// Admission: all lanes share one limit on the number of connections.
#include "io/web/admission.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace resflow;

namespace {

using Room = Admission::Room;

}  // namespace

TEST_CASE("Admission: up to the limit, or to what is possible") {
  Admission limited({2, 0, 0, false}, 10);
  CHECK(limited.take() == Room::yes);
  CHECK(limited.take() == Room::yes);
  CHECK(limited.take() == Room::none);
  limited.give_back();
  CHECK(limited.take() == Room::yes);
  Admission possible({}, 1);
  CHECK(possible.take() == Room::yes);
  CHECK(possible.take() == Room::none);
  CHECK(possible.used() == 1);
  CHECK_FALSE(possible.limits_addresses());
}

TEST_CASE("Admission: a dry run goes over the limit, never over what is possible") {
  Admission dry({1, 0, 0, true}, 2);
  CHECK(dry.take() == Room::yes);
  CHECK(dry.take() == Room::over_limit);
  CHECK(dry.take() == Room::none);
}

TEST_CASE("Admission: several threads share it") {
  Admission admission({1'000, 5, 0, false}, 100'000);
  std::atomic<int> had = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (admission.take() == Room::yes) ++had;
        admission.leave(admission.count_in(*IpAddress::read("10.0.0.7"), 0).account, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(had == 1'000);
  CHECK(admission.used() == 1'000);
}
