// IP addresses in all their spellings.
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

TEST_CASE("IP address: written") {
  for (const char* text : {"10.0.0.7", "2001:db8::7", "::", "fd00:0:0:1::"})
    CHECK(IpAddress::read(text)->text() == text);
  CHECK(IpAddress::read("::ffff:10.0.0.7")->text() == "10.0.0.7");
  CHECK(IpAddress::read("10.0.0.7")->with_port(80) == "10.0.0.7:80");
  CHECK(IpAddress::read("2001:db8::7")->with_port(0) == "[2001:db8::7]:0");
}

TEST_CASE("IP network: which addresses are in it") {
  const auto contains = [](const char* network, const char* address) {
    REQUIRE(IpNetwork::read(network));
    return IpNetwork::read(network)->contains(*IpAddress::read(address));
  };
  CHECK(contains("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  CHECK(contains("10.0.0.128/25", "10.0.0.255"));
  CHECK_FALSE(contains("10.0.0.128/25", "10.0.0.127"));
  CHECK(contains("10.0.0.7", "::ffff:10.0.0.7"));
  CHECK_FALSE(contains("10.0.0.7", "10.0.0.6"));
  CHECK(contains("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
  CHECK(contains("::/0", "2001:db8::7"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
  CHECK(IpNetwork::read("10.0.0.0/8")->text() == "10.0.0.0/8");
  CHECK(IpNetwork::read("fd00::/8")->text() == "fd00::/8");
  CHECK(IpNetwork::read("10.0.0.7/32")->text() == "10.0.0.7");
}

TEST_CASE("IP network: what is none is refused") {
  for (const char* text : {"", "/8", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "::1/64",
                           "::/129", "10/8", "localhost/8", "10.0.0.0/8/8"}) {
    INFO(text);
    CHECK_FALSE(IpNetwork::read(text));
  }
}
