// A hash table keeps the memory of the most that were ever in it. Pure.
#pragma once

#include <cstddef>

namespace resflow {

// Lets go of it when a great many were in the table and nothing is.
template <typename Table>
void give_back_memory(Table& table) {
  constexpr std::size_t usual = 2'048;
  if (table.empty() && table.bucket_count() > usual) table = {};
}

}  // namespace resflow
