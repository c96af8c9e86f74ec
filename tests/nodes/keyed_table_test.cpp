#include "nodes/base/keyed_table.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::Random;

namespace {

struct Thing {
  std::string name;
  int number;
};

// Part of all hashes of tables that are created from now on.
std::size_t seed = 0;

// There are only a few different hashes, so that equal hashes occur.
struct ThingKey {
  static const std::string& key(const Thing& t) { return t.name; }
  static std::size_t hash(const std::string& name) {
    return (name.size() + static_cast<unsigned char>(name.back())) ^ seed;
  }
  static bool equal(const std::string& a, const std::string& b) { return a == b; }
};

using Table = KeyedTable<Thing, ThingKey>;

std::string name_of(std::size_t n) {
  return "thing " + std::to_string(n);
}

Thing& add(Table& table, std::size_t n) {
  return table.add(std::make_unique<Thing>(Thing{name_of(n), static_cast<int>(n)}));
}

std::vector<int> numbers(const Table& table) {
  std::vector<int> all;
  table.for_each([&](const Thing& t) { all.push_back(t.number); });
  return all;
}

// Checks that the table has exactly the objects of the model, at the same addresses.
void compare(const Table& table, const std::map<std::string, Thing*>& model) {
  REQUIRE(table.size() == model.size());
  REQUIRE(table.empty() == model.empty());
  for (const auto& [name, thing] : model) REQUIRE(table.find(name) == thing);
  std::map<std::string, Thing*> seen;
  table.for_each([&](Thing& t) { seen.emplace(t.name, &t); });
  REQUIRE(seen == model);
}

}  // namespace

TEST_CASE("a keyed table with nothing in it", "[keyed_table]") {
  Table table;
  CHECK(table.empty());
  CHECK(table.size() == 0);
  CHECK(table.find(name_of(1)) == nullptr);
  CHECK(table.remove(name_of(1)) == nullptr);
  CHECK(numbers(table).empty());
}

TEST_CASE("a keyed table has the order in which objects were added, the last in place of one removed",
          "[keyed_table]") {
  Table table;
  for (const std::size_t n : {5u, 3u, 9u, 1u}) add(table, n);
  table.remove(name_of(3));
  CHECK(numbers(table) == std::vector<int>{5, 1, 9});
  add(table, 3);
  CHECK(numbers(table) == std::vector<int>{5, 1, 9, 3});
  table.remove(name_of(3));
  CHECK(numbers(table) == std::vector<int>{5, 1, 9});
}

TEST_CASE("a large keyed table has that order, too", "[keyed_table]") {
  Table table;
  std::vector<int> expected;
  for (int n = 0; n < 100; ++n) {
    add(table, static_cast<std::size_t>(n));
    expected.push_back(n);
  }
  for (const std::size_t at : {0u, 50u, 97u, 12u, 13u}) {
    REQUIRE(table.remove(name_of(static_cast<std::size_t>(expected[at]))) != nullptr);
    expected[at] = expected.back();
    expected.pop_back();
    REQUIRE(numbers(table) == expected);
  }
}

TEST_CASE("a keyed table is taken apart from the end", "[keyed_table]") {
  for (const std::size_t size : {std::size_t{1}, Table::kSmall, 3 * Table::kSmall}) {
    Table table;
    for (std::size_t n = 0; n < size; ++n) add(table, n);
    for (std::size_t n = size; n > 0; --n) {
      const auto last = table.take_last();
      REQUIRE(last != nullptr);
      REQUIRE(last->name == name_of(n - 1));
      REQUIRE(table.find(name_of(n - 1)) == nullptr);
      REQUIRE(table.size() == n - 1);
      if (n > 1) REQUIRE(table.find(name_of(0)) != nullptr);
    }
    CHECK(table.take_last() == nullptr);
    add(table, 7);
    CHECK(numbers(table) == std::vector<int>{7});
  }
}

TEST_CASE("a keyed table has the same order whenever the same has been done to it", "[keyed_table]") {
  const auto run = [](std::size_t with_seed) {
    seed = with_seed;
    Table table;
    std::vector<std::string> elsewhere;  // makes addresses differ between the runs
    for (std::size_t n = 0; n < 100; ++n) {
      add(table, n);
      elsewhere.emplace_back(200 + n, 'x');
      if (n % 3 == 0) table.remove(name_of(n / 2));
    }
    return numbers(table);
  };
  const std::vector<int> first = run(0);
  CHECK(first.size() > Table::kSmall);
  // The order of iteration does not depend on the hashes.
  for (const std::size_t other : {0u, 1u, 77u, 12345u}) CHECK(run(other) == first);
}

TEST_CASE("an object may be removed by its own key", "[keyed_table]") {
  for (const std::size_t size : {std::size_t{1}, Table::kSmall, 3 * Table::kSmall}) {
    Table table;
    for (std::size_t n = 0; n < size; ++n) add(table, n);
    const Thing& last = *table.find(name_of(size - 1));
    const auto removed = table.remove(last.name);
    REQUIRE(removed != nullptr);
    CHECK(removed->name == name_of(size - 1));
    CHECK(table.size() == size - 1);
  }
}

TEST_CASE("a cleared keyed table can be filled again", "[keyed_table]") {
  Table table;
  for (std::size_t n = 0; n < 40; ++n) add(table, n);
  table.clear();
  CHECK(table.empty());
  add(table, 7);
  CHECK(numbers(table) == std::vector<int>{7});
}

TEST_CASE("a keyed table against a map, with random operations", "[keyed_table]") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Table table;
    std::map<std::string, Thing*> model;
    // The number of names changes, so that the table grows and shrinks.
    for (const std::size_t names : {10u, 60u, 12u, 200u, 3u}) {
      for (int step = 0; step < 400; ++step) {
        const std::size_t n = random.below(names);
        const bool known = model.contains(name_of(n));
        REQUIRE((table.find(name_of(n)) != nullptr) == known);
        if (!known) {
          Thing& thing = add(table, n);
          model.emplace(thing.name, &thing);
        } else if (random.one_in(2)) {
          const auto removed = table.remove(name_of(n));
          REQUIRE(removed.get() == model[name_of(n)]);
          model.erase(name_of(n));
        }
      }
      compare(table, model);
      // Removes most of the objects.
      for (auto it = model.begin(); it != model.end();) {
        if (random.one_in(8)) {
          ++it;
          continue;
        }
        REQUIRE(table.remove(it->first).get() == it->second);
        it = model.erase(it);
      }
      compare(table, model);
    }
  }
}
