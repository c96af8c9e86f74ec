// diff: RES-Service protocol, "System reset event". The events that lead from a cached state to the new one.
#include "nodes/diff.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::Random;
using testing::text_of;
using testing::value;

namespace {

// Applies the edits as a client would. An index out of bounds fails the test.
Values carried_out(Values values, const std::vector<Edit>& edits) {
  for (const Edit& edit : edits) {
    if (const auto* add = std::get_if<AddEvent>(&edit)) {
      REQUIRE(add->idx >= 0);
      REQUIRE(static_cast<std::size_t>(add->idx) <= values.size());
      values.insert(values.begin() + add->idx, add->value);
    } else {
      const std::int64_t idx = std::get<std::int64_t>(edit);
      REQUIRE(idx >= 0);
      REQUIRE(static_cast<std::size_t>(idx) < values.size());
      values.erase(values.begin() + idx);
    }
  }
  return values;
}

// Length of the longest common subsequence by the textbook algorithm, in O(N*M).
std::size_t longest_common(const Values& a, const Values& b) {
  std::vector<std::vector<std::size_t>> best(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      best[i + 1][j + 1] = a[i] == b[j] ? best[i][j] + 1 : std::max(best[i][j + 1], best[i + 1][j]);
    }
  }
  return best[a.size()][b.size()];
}

bool equal(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Values numbers(std::size_t from, std::size_t to) {
  Values all;
  Value v;
  for (std::size_t i = from; i < to; ++i) {
    v.text = std::to_string(i);
    all.push_back(v);
  }
  return all;
}

Value number(std::size_t n) {
  Value v;
  v.text = std::to_string(n);
  return v;
}

}  // namespace

TEST_CASE("Diff: random collections, with the least number of events", "[diff]") {
  Random random(1);
  const std::vector<Value> alphabet{value("1"),
                                    value("\"1\""),
                                    value(R"({"rid":"a"})"),
                                    value(R"({"rid":"b"})"),
                                    value("null"),
                                    value(R"({"rid":"a","soft":true})"),
                                    value(R"({"data":[1]})")};
  const auto some = [&] {
    Values all;
    const std::size_t variety = 1 + random.below(alphabet.size());
    for (std::size_t n = random.below(13); n > 0; --n) all.push_back(alphabet[random.below(variety)]);
    return all;
  };
  for (int i = 0; i < 5'000; ++i) {
    const Values from = some();
    const Values to = some();
    const std::vector<Edit> edits = diff_collections(from, to);
    if (!equal(carried_out(from, edits), to)) FAIL(text_of(from) << " to " << text_of(to));
    const std::size_t least = from.size() + to.size() - 2 * longest_common(from, to);
    if (edits.size() != least) FAIL(text_of(from) << " to " << text_of(to) << ": " << edits.size() << " of " << least);
  }
}

TEST_CASE("Diff: edits of a random collection are found again", "[diff]") {
  Random random(2);
  for (int i = 0; i < 100; ++i) {
    const Values from = numbers(0, random.below(200));
    Values to = from;
    std::size_t changes = 0;
    for (std::size_t n = random.below(20); n > 0; --n, ++changes) {
      if (!to.empty() && random.one_in(2)) {
        to.erase(to.begin() + static_cast<std::ptrdiff_t>(random.below(to.size())));
      } else {
        to.insert(to.begin() + static_cast<std::ptrdiff_t>(random.below(to.size() + 1)), number(1'000 + n));
      }
    }
    const std::vector<Edit> edits = diff_collections(from, to);
    CHECK(edits.size() <= changes);
    REQUIRE(equal(carried_out(from, edits), to));
  }
}

TEST_CASE("Diff: at the ends", "[diff]") {
  const Values none;
  const Values some = numbers(0, 5);
  CHECK(diff_collections(none, none).empty());
  CHECK(diff_collections(some, some).empty());
  CHECK(diff_collections(none, some).size() == 5);
  CHECK(diff_collections(some, none).size() == 5);
  CHECK(equal(carried_out(none, diff_collections(none, some)), some));
  CHECK(equal(carried_out(some, diff_collections(some, none)), none));
  Values longer = some;
  longer.insert(longer.begin() + 2, some[2]);
  CHECK(diff_collections(some, longer).size() == 1);
  CHECK(diff_collections(longer, some).size() == 1);
}

TEST_CASE("Diff: 20,000 values of which one in a hundred changed", "[diff]") {
  Random random(3);
  const Values from = numbers(0, 20'000);
  Values to = from;
  for (int i = 0; i < 200; ++i) to[random.below(to.size())] = number(100'000 + static_cast<std::size_t>(i));
  const std::vector<Edit> edits = diff_collections(from, to);
  CHECK(edits.size() <= 400);
  CHECK(edits.size() > 300);
  CHECK(equal(carried_out(from, edits), to));
}

TEST_CASE("Diff: up to the limit the result is the least", "[diff]") {
  const Values from = numbers(0, 3'000);
  Values to = from;
  for (std::size_t i = 0; i < Diff::kMaxEdits / 2; ++i) to[i * 2] = value("\"x\"");
  const std::vector<Edit> edits = diff_collections(from, to);
  CHECK(edits.size() == Diff::kMaxEdits);
  CHECK(equal(carried_out(from, edits), to));
}

TEST_CASE("Diff: beyond the limit what is unique stays in place", "[diff]") {
  Random random(4);
  SECTION("nothing in common") {
    const Values from = numbers(0, 3'000);
    const Values to = numbers(10'000, 13'000);
    const std::vector<Edit> edits = diff_collections(from, to);
    CHECK(edits.size() == 6'000);
    CHECK(equal(carried_out(from, edits), to));
  }
  SECTION("every other one is new") {
    const Values from = numbers(0, 5'000);
    Values to = from;
    for (std::size_t i = 1; i < to.size(); i += 2) to[i] = number(10'000 + i);
    const std::vector<Edit> edits = diff_collections(from, to);
    CHECK(edits.size() == 5'000);
    CHECK(equal(carried_out(from, edits), to));
  }
  SECTION("out of order") {
    Values from = numbers(0, 3'000);
    Values to = from;
    for (std::size_t i = to.size() - 1; i > 0; --i) std::swap(to[i], to[random.below(i + 1)]);
    CHECK(equal(carried_out(from, diff_collections(from, to)), to));
    std::reverse(from.begin(), from.end());
    CHECK(equal(carried_out(from, diff_collections(from, to)), to));
  }
  SECTION("few distinct values") {
    Values from;
    Values to;
    for (int i = 0; i < 6'000; ++i) from.push_back(number(random.below(3)));
    for (int i = 0; i < 6'000; ++i) to.push_back(number(3 + random.below(3)));
    to[3'000] = value("\"only here\"");
    CHECK(equal(carried_out(from, diff_collections(from, to)), to));
  }
}

// Equal runs on every diagonal would take long. The search is cut short, and the result must still be right.
TEST_CASE("Diff: very many values that repeat", "[diff]") {
  Values from;
  Values to;
  for (std::size_t i = 0; i < 20'000; ++i) {
    from.push_back(number(i % 2));
    to.push_back(number(i / 500 % 2));
  }
  CHECK(equal(carried_out(from, diff_collections(from, to)), to));
}

TEST_CASE("Diff: models", "[diff]") {
  Random random(5);
  for (int i = 0; i < 2'000; ++i) {
    Properties from;
    Properties to;
    for (const char* name : {"a", "b", "c", "d"}) {
      if (random.one_in(2)) from.emplace(name, number(random.below(2)));
      if (random.one_in(2)) to.emplace(name, number(random.below(2)));
    }
    const std::vector<Edit> edits = diff_models(from, to);
    REQUIRE(edits.size() <= 1);
    REQUIRE(edits.empty() == (text_of(from) == text_of(to)));
    Properties result = from;
    if (!edits.empty()) {
      for (const auto& [name, v] : std::get<Properties>(edits[0])) {
        if (v.kind == ValueKind::delete_action) {
          REQUIRE(result.erase(name) == 1);
        } else {
          REQUIRE((!result.contains(name) || !(result.at(name) == v)));
          result.insert_or_assign(name, v);
        }
      }
    }
    REQUIRE(text_of(result) == text_of(to));
  }
}

TEST_CASE("Diff: the result names what it is of", "[diff]") {
  DiffOut out;
  auto from = std::make_shared<Resource>();
  auto to = std::make_shared<Resource>();
  from->is_model = to->is_model = false;
  to->values = numbers(0, 2);
  Diff::process(DiffIn{4, 5, from, to}, out);
  REQUIRE(out.cache.size() == 1);
  const auto& result = std::get<DiffResult>(out.cache[0]);
  CHECK(result.name_handle.value() == 4);
  CHECK(result.resource.value() == 5);
  CHECK(result.edits.size() == 2);
  CHECK(from->values.empty());
}
