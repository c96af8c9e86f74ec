// Limits by client address. The test sets the time.
#include "io/web/address_limits.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace resflow;

namespace {

IpAddress address(std::string_view text) {
  return *IpAddress::read(text);
}

IpAddress numbered(std::size_t n) {
  return address("10." + std::to_string(n >> 16) + '.' + std::to_string(n >> 8 & 255) + '.' + std::to_string(n & 255));
}

}  // namespace

TEST_CASE("Address limits: so many connections at once, and again when some have left") {
  AddressLimits limits(2, 0, 1);
  const auto first = limits.count_in(address("10.0.0.7"), 0);
  CHECK_FALSE(first.too_many);
  CHECK_FALSE(limits.count_in(address("10.0.0.7"), 0).too_many);
  const auto third = limits.count_in(address("10.0.0.7"), 0);
  CHECK(third.too_many);
  CHECK_FALSE(third.too_fast);
  CHECK_FALSE(limits.count_in(address("10.0.0.8"), 0).too_many);
  limits.leave(third.account, 0);
  CHECK(limits.count_in(address("10.0.0.7"), 0).too_many);
  limits.leave(first.account, 0);
  limits.leave(first.account, 0);
  CHECK_FALSE(limits.count_in(address("10.0.0.7"), 0).too_many);
}

TEST_CASE("Address limits: so many new connections in a second") {
  AddressLimits limits(0, 4, 1);
  std::vector<AddressLimits::AccountId> tickets;
  const auto too_fast = [&](std::uint64_t now) {
    const auto verdict = limits.count_in(address("10.0.0.7"), now);
    tickets.push_back(verdict.account);
    return verdict.too_fast;
  };
  for (int i = 0; i < 4; ++i) CHECK_FALSE(too_fast(1'000));
  CHECK(too_fast(1'000));
  CHECK(too_fast(1'200));
  CHECK_FALSE(too_fast(1'250));
  CHECK(too_fast(1'250));
  CHECK_FALSE(limits.count_in(address("10.0.0.8"), 1'250).too_fast);
  for (int i = 0; i < 4; ++i) CHECK_FALSE(too_fast(9'000));
  CHECK(too_fast(9'000));
  // Disconnecting and connecting again does not help.
  for (const auto account : tickets) limits.leave(account, 9'000);
  CHECK(too_fast(9'000));
}

TEST_CASE("Address limits: a lane whose clock is behind finds no new connections to be had") {
  AddressLimits limits(0, 4, 1);
  for (int i = 0; i < 4; ++i) CHECK_FALSE(limits.count_in(address("10.0.0.7"), 1'005).too_fast);
  const auto late = limits.count_in(address("10.0.0.7"), 1'003);
  CHECK(late.too_fast);
  limits.leave(late.account, 1'002);
  CHECK(limits.count_in(address("10.0.0.7"), 1'004).too_fast);
  CHECK(limits.addresses() == 1);
}

TEST_CASE("Address limits: 64 bits of IPv6 are one address, and IPv4 within IPv6 is IPv4") {
  AddressLimits limits(1, 0, 1);
  limits.count_in(address("2001:db8:0:1::7"), 0);
  CHECK(limits.count_in(address("2001:db8:0:1:ffff::8"), 0).too_many);
  CHECK_FALSE(limits.count_in(address("2001:db8:0:2::7"), 0).too_many);
  limits.count_in(address("10.0.0.7"), 0);
  CHECK(limits.count_in(address("::ffff:10.0.0.7"), 0).too_many);
}

TEST_CASE("Address limits: quiet addresses are forgotten, others are not") {
  AddressLimits limits(0, 10, 1);
  const auto stays = limits.count_in(address("10.1.0.0"), 0);
  for (std::size_t i = 0; i < 1'000; ++i) limits.leave(limits.count_in(numbered(i), 0).account, 0);
  CHECK(limits.addresses() == 1'001);
  limits.leave(limits.count_in(numbered(5), 900).account, 900);
  limits.count_in(address("10.2.0.0"), 1'000);
  CHECK(limits.addresses() == 3);
  limits.leave(stays.account, 1'500);
  limits.leave(limits.count_in(address("10.2.0.0"), 2'500).account, 2'500);
  CHECK(limits.addresses() == 1);
}

TEST_CASE("Address limits: when the table is full, newcomers share one account, and the known keep theirs") {
  AddressLimits limits(2, 0, 1, 100);
  std::vector<AddressLimits::AccountId> known;
  for (std::size_t i = 0; i < 100; ++i) known.push_back(limits.count_in(numbered(i), 0).account);
  const auto one = limits.count_in(numbered(1'000), 0);
  CHECK_FALSE(one.too_many);
  CHECK_FALSE(limits.count_in(numbered(1'001), 0).too_many);
  CHECK(limits.count_in(numbered(1'002), 0).too_many);
  CHECK_FALSE(limits.count_in(numbered(7), 0).too_many);
  CHECK(limits.addresses() == 100);
  limits.leave(one.account, 0);
  for (const auto account : known) limits.leave(account, 0);
  CHECK_FALSE(limits.count_in(numbered(2'000), 5'000).too_many);
  CHECK(limits.addresses() < 100);
}
