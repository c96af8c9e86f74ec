// HTTP API: resource ids in URLs, read and written.
#include "nodes/protocol/web_target.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "nodes/protocol/rid.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

constexpr std::string_view kApi = "/api/";

std::string rid_of(const std::string& target) {
  const auto resource = read_resource(split_target(target), kApi, false);
  return resource ? resource->rid : "none";
}

// Returns "rid method".
std::string call_of(const std::string& target) {
  const auto resource = read_resource(split_target(target), kApi, true);
  return resource ? resource->rid + ' ' + resource->method : "none";
}

// Returns "authority path query".
std::string split(std::string_view target) {
  const WebTarget parts = split_target(target);
  return std::string(parts.authority) + ' ' + std::string(parts.path) + ' ' + std::string(parts.query);
}

}  // namespace

TEST_CASE("Web target: authority, path and query", "[web]") {
  CHECK(split("/a/b?c=d?e") == " /a/b c=d?e");
  CHECK(split("/a?") == " /a ");
  CHECK(split("*") == " * ");
  CHECK(split("") == "  ");
  CHECK(split("http://h:80/a?b") == "h:80 /a b");
  CHECK(split("HTTP://h/a?b=http://c/") == "h /a b=http://c/");
  CHECK(split("http://h") == "h / ");
  CHECK(split("http://h?b/c") == "h / b/c");
  CHECK(split("/http://h/a") == " /http://h/a ");
  CHECK(split("a?b=http://h/c") == " a b=http://h/c");
}

TEST_CASE("Web target: percent encoding", "[web]") {
  CHECK(percent_decode("") == "");
  CHECK(percent_decode("%41%2f%2F%00") == std::string("A//\0", 4));
  CHECK(percent_decode("a+b") == "a+b");
  for (const char* malformed : {"%", "%4", "%4g", "%g4", "a%", "%%41", "%-1"}) CHECK_FALSE(percent_decode(malformed));
}

TEST_CASE("Web target: the resource that a path stands for", "[web]") {
  CHECK(rid_of("/api/a") == "a");
  CHECK(rid_of("/api/a/b/c") == "a.b.c");
  CHECK(rid_of("/api/a/b?q=1&r=%20?") == "a.b?q=1&r=%20?");
  CHECK(rid_of("/api/a?") == "a");
  CHECK(rid_of("/api//a") == "a");
  CHECK(rid_of("/api/%61/%7Bcid%7D") == "a.{cid}");
  CHECK(rid_of("http://h/api/a") == "a");
  // An encoded slash is part of a name. An encoded dot separates two parts.
  CHECK(rid_of("/api/a%2Fb") == "a/b");
  CHECK(rid_of("/api/a%2Eb") == "a.b");
}

TEST_CASE("Web target: paths that stand for none", "[web]") {
  for (const char* target : {"", "*", "/", "/api", "/api/", "/api/?q", "/ap/a", "/apia", "/api/a.b", "/api/a/b.c?q",
                             "/api/a%", "/api/%zz/b", "/%61pi/a"}) {
    CAPTURE(target);
    CHECK(rid_of(target) == "none");
  }
  // These paths give rids that are invalid; the check of resource ids refuses them.
  for (const char* target :
       {"/api//", "/api/a/", "/api/a//b", "/api/a%00", "/api/%20", "/api/%C3%A9", "/api/%3F", "/api/*"}) {
    CAPTURE(target);
    CHECK_FALSE(valid_rid(rid_of(target), true));
  }
}

TEST_CASE("Web target: the method is the last segment", "[web]") {
  CHECK(call_of("/api/a/b/set") == "a.b set");
  CHECK(call_of("/api/a/set?q=1") == "a?q=1 set");
  CHECK(call_of("/api/a/s%65t") == "a set");
  CHECK(call_of("/api//a/set") == "a set");
  CHECK(call_of("/api/a/") == "a ");
  for (const char* target : {"/api/set", "/api/", "/api/a/set%", "/api/a.b/set", "/api/a/se.t"}) {
    CAPTURE(target);
    CHECK(call_of(target) == "none");
  }
}

TEST_CASE("Web target: URLs of resources", "[web]") {
  CHECK(resource_href("a", kApi) == "/api/a");
  CHECK(resource_href("a.b.c", "/") == "/a/b/c");
  CHECK(resource_href("a.b/c;d,e\"f", kApi) == "/api/a/b%2Fc%3Bd%2Ce%22f");
  CHECK(resource_href("-_~$&+=:@.x", kApi) == "/api/-_~$&+=:@/x");
  CHECK(resource_href("a.b?q=1.5&r=/x?y", kApi) == "/api/a/b?q=1.5&r=/x?y");
  CHECK(resource_href("a?q=a b\"<#>\xC3\xA9%41", kApi) == "/api/a?q=a%20b%22%3C%23%3E%C3%A9%41");
}

TEST_CASE("Web target: every name comes back from its URL", "[web]") {
  testing::Random random(3);
  std::string alphabet = "..";
  for (char c = 33; c < 127; ++c) alphabet += c;
  for (int round = 0; round < 5000; ++round) {
    std::string rid;
    for (std::size_t n = 1 + random.below(8); n > 0; --n) rid += random.of(alphabet);
    if (!valid_rid(rid, false)) continue;
    CAPTURE(rid, resource_href(rid, kApi));
    REQUIRE(rid_of(resource_href(rid, kApi)) == rid);
    REQUIRE(rid_of(resource_href(rid + "?a=b.c/%2F", kApi)) == rid + "?a=b.c/%2F");
  }
}

TEST_CASE("Web target: random bytes", "[web]") {
  testing::Random random(4);
  const std::string alphabet = "/api/a%2.?:h" + std::string("\0\xFF", 2);
  for (int round = 0; round < 20000; ++round) {
    std::string target = random.one_in(2) ? "/api/" : "";
    for (std::size_t n = random.below(20); n > 0; --n) target += random.of(alphabet);
    const WebTarget parts = split_target(target);
    REQUIRE(parts.path.size() + parts.query.size() <= target.size() + 1);
    read_resource(parts, kApi, random.one_in(2));
    percent_decode(target);
  }
}
