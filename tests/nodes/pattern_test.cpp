// RES-Service protocol, "Resource name pattern".
#include "nodes/protocol/pattern.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;

TEST_CASE("Patterns: the examples of the protocol", "[pattern]") {
  for (const char* pattern : {"userService.users", "userService.user.*", "userService.>", "userService.user.*.roles",
                              "messageService.>", ">", "*", "*.*", "*.>"}) {
    INFO(pattern);
    CHECK(valid_pattern(pattern));
  }
  CHECK(matches("userService.user.*.roles", "userService.user.42.roles"));
  CHECK_FALSE(matches("userService.user.*.roles", "userService.user.42"));
  CHECK_FALSE(matches("userService.user.*.roles", "userService.user.42.43.roles"));
  CHECK(matches("messageService.>", "messageService.messages"));
  CHECK(matches("messageService.>", "messageService.message.1"));
  CHECK_FALSE(matches("messageService.>", "messageServices.message"));
}

TEST_CASE("Patterns: what is none", "[pattern]") {
  for (const char* pattern : {"", ".", "a.", ".a", "a..b", "a*", "*a", "a.>b", ">.a", "a.>.b", "a.**", "a b", "a?b",
                              "a\n", "caf\xC3\xA9", ">.", "*."}) {
    INFO(pattern);
    CHECK_FALSE(valid_pattern(pattern));
  }
}

TEST_CASE("Patterns: the last part matches one or more", "[pattern]") {
  CHECK_FALSE(matches("a.>", "a"));
  CHECK(matches("a.>", "a.b"));
  CHECK(matches("a.>", "a.b.c.d"));
  CHECK(matches(">", "a"));
  CHECK_FALSE(matches("*.>", "a"));
  CHECK(matches("*.>", "a.b"));
}

TEST_CASE("Patterns: parts match whole", "[pattern]") {
  CHECK(matches("a.b", "a.b"));
  CHECK_FALSE(matches("a.b", "a"));
  CHECK_FALSE(matches("a", "a.b"));
  CHECK_FALSE(matches("a.b", "a.bc"));
  CHECK_FALSE(matches("a.bc", "a.b"));
  CHECK_FALSE(matches("a.*", "a"));
  CHECK_FALSE(matches("a.*", "a.b.c"));
  CHECK_FALSE(matches("A.b", "a.b"));
}

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool matches_by_definition(const std::string& pattern, const std::string& name) {
  const auto p = split(pattern);
  const auto n = split(name);
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == ">") return n.size() > i;
    if (i >= n.size() || (p[i] != "*" && p[i] != n[i])) return false;
  }
  return p.size() == n.size();
}

std::string random_name(testing::Random& random, std::string_view alphabet) {
  std::string out;
  for (std::size_t n = 1 + random.below(4); n > 0; --n) {
    if (!out.empty()) out += '.';
    out += random.of(alphabet);
  }
  return out;
}

}  // namespace

TEST_CASE("Patterns: by definition", "[pattern]") {
  testing::Random random(1);
  std::size_t found = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern = random_name(random, "ab*");
    if (random.one_in(3)) pattern += ".>";
    const std::string name = random_name(random, "ab");
    REQUIRE(valid_pattern(pattern));
    const bool expected = matches_by_definition(pattern, name);
    found += expected ? 1 : 0;
    if (matches(pattern, name) != expected) FAIL(pattern << " and " << name);
  }
  CHECK(found > 1'000);
}
