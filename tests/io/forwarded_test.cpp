// The address of a client behind a proxy, and headers that must not be believed.
#include "io/web/forwarded.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace resflow;

namespace {

const std::vector<IpNetwork> kTrusted{*IpNetwork::read("10.0.0.0/8"), *IpNetwork::read("fd00::/8")};

std::string client(const Headers& headers, std::string_view peer = "10.0.0.1") {
  HttpRequestHead head;
  head.headers = headers;
  return client_address(head, *IpAddress::read(peer), kTrusted).text();
}

std::string by_list(const std::string& list) {
  return client({{"X-Forwarded-For", list}});
}

std::string by_pairs(const std::string& list) {
  return client({{"Forwarded", list}});
}

}  // namespace

TEST_CASE("Forwarded: only trusted proxies are believed") {
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}}, "192.0.2.1") == "192.0.2.1");
  CHECK(client({{"Forwarded", "for=1.2.3.4"}}, "192.0.2.1") == "192.0.2.1");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}}) == "1.2.3.4");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}}, "fd00::7") == "1.2.3.4");
  CHECK(client({}) == "10.0.0.1");
}

TEST_CASE("Forwarded: X-Forwarded-For is read from the right, past trusted proxies") {
  CHECK(by_list("6.6.6.6, 1.2.3.4, 10.0.0.2, 10.0.0.3") == "1.2.3.4");
  CHECK(by_list("1.2.3.4,10.0.0.2") == "1.2.3.4");
  CHECK(by_list("10.0.0.2, 10.0.0.3") == "10.0.0.2");
  CHECK(by_list("1.2.3.4:5678") == "1.2.3.4");
  CHECK(by_list("2001:db8::7") == "2001:db8::7");
  CHECK(by_list("[2001:db8::7]:5678") == "2001:db8::7");
  CHECK(by_list("1.2.3.4, unknown") == "10.0.0.1");
  CHECK(by_list("1.2.3.4, nonsense, 10.0.0.2") == "10.0.0.2");
  CHECK(by_list("1.2.3.4, ") == "10.0.0.1");
  CHECK(by_list("") == "10.0.0.1");
  CHECK(by_list("1.2.3.4:x") == "10.0.0.1");
  CHECK(client({{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4, 10.0.0.2"}}) == "1.2.3.4");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-For", "10.0.0.2"}}) == "1.2.3.4");
}

TEST_CASE("Forwarded: RFC 7239 is read the same way") {
  CHECK(by_pairs("for=6.6.6.6, for=1.2.3.4;proto=https;by=10.0.0.2, for=10.0.0.3") == "1.2.3.4");
  CHECK(by_pairs("proto=https; For = \"[2001:db8::7]:5678\"") == "2001:db8::7");
  CHECK(by_pairs("for=\"1.2.3.4:5678\"") == "1.2.3.4");
  CHECK(by_pairs("for=1.2.3.4, for=_hidden") == "10.0.0.1");
  CHECK(by_pairs("for=1.2.3.4, by=10.0.0.3") == "10.0.0.1");
  CHECK(by_pairs(";;=,=") == "10.0.0.1");
}

// A proxy writes one of the two headers. The other one could come from the client.
TEST_CASE("Forwarded: of two headers that differ neither is believed") {
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}}) == "1.2.3.4");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=6.6.6.6"}}) == "10.0.0.1");
}
