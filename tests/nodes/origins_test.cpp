#include "nodes/protocol/origins.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

TEST_CASE("Origins: all", "[web]") {
  for (const char* origin : {"", "null", "http://a.example", "nonsense"}) CHECK(origin_allowed({"*"}, origin));
}

TEST_CASE("Origins: some", "[web]") {
  const std::vector<std::string> allowed{"http://a.example", "https://b.example:8443"};
  for (const char* origin : {"http://a.example", "HTTP://A.Example", "https://B.EXAMPLE:8443"}) {
    CHECK(origin_allowed(allowed, origin));
  }
  for (const char* origin :
       {"", "null", "NULL", "*", "http://", "https://a.example", "http://a.example:80", "http://a.example/",
        "http://a.example.evil", "xhttp://a.example", "https://b.example", "http://a.example "}) {
    CAPTURE(origin);
    CHECK_FALSE(origin_allowed(allowed, origin));
  }
}

TEST_CASE("Origins: null is allowed where it is listed", "[web]") {
  CHECK(origin_allowed({"http://a.example", "null"}, "null"));
}

TEST_CASE("Origins: what browsers are told", "[web]") {
  const std::vector<std::string> all{"*"};
  const std::vector<std::string> some{"http://a.example", "http://b.example"};
  const HeaderField any{"Access-Control-Allow-Origin", "*"};
  const HeaderField a{"Access-Control-Allow-Origin", "http://a.example"};
  const HeaderField b{"Access-Control-Allow-Origin", "http://b.example"};
  const HeaderField credentials{"Access-Control-Allow-Credentials", "true"};
  const HeaderField vary{"Vary", "Origin"};
  CHECK(cors_headers(all, false, "http://b.example", true) == Headers{any});
  CHECK(cors_headers(all, true, "http://b.example", true) == Headers{credentials, any});
  CHECK(cors_headers(all, false, std::nullopt, true) == Headers{any});
  CHECK(cors_headers(some, false, "http://b.example", true) == Headers{b, vary});
  CHECK(cors_headers(some, true, "http://b.example", false) == Headers{credentials, b, vary});
  CHECK(cors_headers(some, false, "http://c.example", true) == Headers{a, vary});
  CHECK(cors_headers(some, false, "null", true) == Headers{a, vary});
  CHECK(cors_headers(some, false, std::nullopt, true) == Headers{vary});
  CHECK(cors_headers(some, false, std::nullopt, false).empty());
}

// Only ASCII letters are compared without case: the Kelvin sign (U+212A) is not a "k".
TEST_CASE("Origins: case is that of ASCII", "[web]") {
  CHECK_FALSE(origin_allowed({"http://k.example"}, "http://\xE2\x84\xAA.example"));
  CHECK_FALSE(origin_allowed({"http://a[.example"}, "http://a{.example"));
}
