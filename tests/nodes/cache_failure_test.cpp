// A cache that throws in the middle of its work: what subscribers of the resource concerned are told.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "tests/nodes/cache_bench.hpp"

namespace resflow::testing {

namespace {

using Steps = std::function<void(CacheBench&)>;

// Makes the last step of `act` run out of memory at each of its allocations in turn, each time in a new world. When it
// throws, the subscriber must be told `end`. Otherwise it must be told `success`.
void fail_everywhere(const Steps& prepare, const Steps& act, const std::string& success, const std::string& end) {
  std::size_t thrown = 0;
  for (std::size_t at = 0;; ++at) {
    INFO("allocation " << at);
    CacheBench s;
    s.have_model("library.shelf", {{"rows", "3"}});
    prepare(s);
    s.fault().at = at;
    act(s);
    const Lines said = s.said();
    CHECK(std::count(said.begin(), said.end(), s.fault().threw ? end : success) == 1);
    if (s.fault().threw) ++thrown;
    const bool last = !s.fault().reached;

    s.change("library.shelf", {{"rows", "4"}});
    CHECK(s.said().size() == 1);  // other resources go on
    if (last) break;
  }
  CHECK(thrown > 0);
}

}  // namespace

TEST_CASE("cache: when an event fails, subscribers lose the resource and others go on") {
  fail_everywhere(
      [](CacheBench& s) {
        s.have_model("library.book", {{"title", "\"A\""}});
      },
      [](CacheBench& s) {
        s.change("library.book", {{"title", "\"B\""}, {"author", "\"X\""}});
      },
      R"(library.book change {"values":{"author":"X","title":"B"}})", "library.book delete");
}

TEST_CASE("cache: when a state cannot be kept, those who wait for it get an error") {
  fail_everywhere([](CacheBench& s) { s.subscribe("library.book"); },
                  [](CacheBench& s) {
                    s.answer_model("library.book", {{"title", "\"A\""}});
                  },
                  R"(library.book loaded {"title":"A"})", "library.book system.internalError");
}

}  // namespace resflow::testing
