// The table of connections by their slots.
#include "nodes/protocol/slot_table.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace resflow;

TEST_CASE("Slot table: an entry is found by its connection, and by no other one of its slot") {
  SlotTable<int> table;
  CHECK(table.find({3, 1, 0}) == nullptr);
  table.open({3, 1, 0}, 7);
  CHECK(*table.find({3, 1, 0}) == 7);
  CHECK(table.find({3, 2, 0}) == nullptr);
  CHECK(table.find({2, 1, 0}) == nullptr);
  CHECK(table.find({4, 1, 0}) == nullptr);
  CHECK(*table.find_slot(3) == 7);
  CHECK(table.find_slot(2) == nullptr);
  CHECK(table.find_slot(9) == nullptr);
}

TEST_CASE("Slot table: a slot is used again, and a late message for its former connection finds nothing") {
  SlotTable<int> table;
  table.open({0, 1, 0}, 1);
  CHECK(table.close({0, 1, 0}) == 1);
  CHECK(table.find({0, 1, 0}) == nullptr);
  table.open({0, 2, 0}, 2);
  CHECK(table.find({0, 1, 0}) == nullptr);
  CHECK(*table.find({0, 2, 0}) == 2);
  table.open({0, 3, 0});
  CHECK(table.find({0, 2, 0}) == nullptr);
  CHECK(*table.find({0, 3, 0}) == 0);
}

TEST_CASE("Slot table: entries that cannot be copied, in the order of their slots") {
  SlotTable<std::unique_ptr<int>> table;
  for (const std::uint32_t slot : {5U, 1U, 3U}) table.open({slot, 1, 0}, std::make_unique<int>(static_cast<int>(slot)));
  table.close({3, 1, 0});
  std::vector<int> seen;
  table.for_each([&](const std::unique_ptr<int>& entry) { seen.push_back(*entry); });
  CHECK(seen == std::vector<int>{1, 5});
}
