// Sets of patterns, as in the RES-Service protocol, "System reset event".
#include "nodes/protocol/pattern_set.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

TEST_CASE("PatternSet: names and wildcards", "[pattern]") {
  PatternSet set;
  CHECK_FALSE(set.matches("a"));
  for (const char* pattern : {"a", "b.*", "c.>", "", "d.", "e*"}) set.add(pattern);
  CHECK(set.wildcards() == 2);
  for (const char* name : {"a", "b.c", "c.d.e"}) CHECK(set.matches(name));
  for (const char* name : {"b", "a.b", "b.c.d", "c", "d", "e", "e*"}) CHECK_FALSE(set.matches(name));
}

TEST_CASE("PatternSet: both of two", "[pattern]") {
  PatternSet set;
  set.add("a");
  PatternSet others;
  others.add("b");
  others.add("c.*");
  set.add(others);
  for (const char* name : {"a", "b", "c.d"}) CHECK(set.matches(name));
}

TEST_CASE("PatternSet: too many are all names", "[pattern]") {
  PatternSet set;
  for (std::size_t i = 0; i < PatternSet::kMax; ++i) set.add("a." + std::to_string(i) + ".*");
  set.add("a.0.*");
  CHECK(set.wildcards() == PatternSet::kMax);
  CHECK_FALSE(set.matches("b"));
  set.add("c");
  CHECK(set.wildcards() == 1);
  CHECK(set.matches("b"));
  set.add("d");
  CHECK(set.matches("e.f"));
}
