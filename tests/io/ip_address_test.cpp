// IP addresses, however they are written.
#include "io/ip_address.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace resflow;

TEST_CASE("IP address: the same one in other words is the same") {
  const auto one = IpAddress::read("fd00::7");
  REQUIRE(one);
  for (const char* same : {"FD00::7", "fd00:0:0:0:0:0:0:7", "fd00:0000:0000::0007", "[fd00::7]", "fd00::0.0.0.7"}) {
    CHECK(IpAddress::read(same) == one);
  }
  for (const char* other : {"fd00::8", "::7", "0.0.0.7", "fd00:7::"}) {
    REQUIRE(IpAddress::read(other));
    CHECK(IpAddress::read(other) != one);
  }
}

TEST_CASE("IP address: IPv4 within IPv6 is IPv4") {
  for (const char* same : {"::ffff:10.0.0.7", "::FFFF:0a00:7", "[::ffff:10.0.0.7]", "0:0:0:0:0:ffff:10.0.0.7"}) {
    CHECK(IpAddress::read(same) == IpAddress::read("10.0.0.7"));
  }
  CHECK(IpAddress::read("::10.0.0.7") != IpAddress::read("10.0.0.7"));
}

TEST_CASE("IP address: this machine's own") {
  for (const char* own : {"127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1", "[::1]", "::ffff:127.0.0.1"}) {
    REQUIRE(IpAddress::read(own));
    CHECK(IpAddress::read(own)->is_loopback());
  }
  for (const char* other : {"128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:128.0.0.1", "::127.0.0.1", "fe80::1"}) {
    REQUIRE(IpAddress::read(other));
    CHECK_FALSE(IpAddress::read(other)->is_loopback());
  }
}

TEST_CASE("IP address: what is none is refused") {
  for (const char* text : {"", "[", "]", "[]", "localhost", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1:80", "1:2",
                           ":::1", "[::1", "::1]", "[[::1]]", "[10.0.0.1]", "[::1]:80", "fe80::1%eth0", " ::1", "*"}) {
    INFO(text);
    CHECK_FALSE(IpAddress::read(text));
  }
  CHECK_FALSE(IpAddress::read(std::string("::1\0", 4)));
  CHECK_FALSE(IpAddress::read(std::string(1'000, '1')));
}
