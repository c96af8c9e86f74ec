// Checks of what must hold.
#include "nodes/base/check.hpp"

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;

TEST_CASE("Check: one that holds does nothing, one that fails says what and where") {
  int calls = 0;
  const auto holds = [&] { return ++calls > 0; };
  CHECK_NOTHROW(RESFLOW_CHECK(holds()));
  CHECK(calls == 1);
  CHECK_THROWS_WITH(RESFLOW_CHECK(1 > 2), Contains("1 > 2") && Contains("check_test.cpp:"));
}
