#include "nodes/origins.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

TEST_CASE("Origins: all", "[web]") {
  for (const char* origin : {"", "null", "http://a.example", "nonsense"}) CHECK(origin_allowed({"*"}, origin));
}

TEST_CASE("Origins: some", "[web]") {
  const std::vector<std::string> allowed{"http://a.example", "https://b.example:8443"};
  for (const char* origin : {"null", "http://a.example", "HTTP://A.Example", "https://B.EXAMPLE:8443"}) {
    CHECK(origin_allowed(allowed, origin));
  }
  for (const char* origin :
       {"", "NULL", "*", "http://", "https://a.example", "http://a.example:80", "http://a.example/",
        "http://a.example.evil", "xhttp://a.example", "https://b.example", "http://a.example "}) {
    CAPTURE(origin);
    CHECK_FALSE(origin_allowed(allowed, origin));
  }
}

// Only letters of ASCII have a case: the Kelvin sign is no k.
TEST_CASE("Origins: case is that of ASCII", "[web]") {
  CHECK_FALSE(origin_allowed({"http://k.example"}, "http://\xE2\x84\xAA.example"));
  CHECK_FALSE(origin_allowed({"http://a[.example"}, "http://a{.example"));
}
