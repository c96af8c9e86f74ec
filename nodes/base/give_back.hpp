// Frees the memory of hash tables that have become empty. A hash table does not shrink by itself: it keeps the memory
// for the largest number of entries that it ever had. No I/O and no shared state.
#pragma once

#include <cstddef>

namespace resflow {

// Frees the table's memory if the table is empty and has more than 2,048 buckets. A smaller table keeps its memory.
template <typename Table>
void give_back_memory(Table& table) {
  constexpr std::size_t usual = 2'048;
  if (table.empty() && table.bucket_count() > usual) table = {};
}

}  // namespace resflow
