// A table with one entry for each client connection of a lane: what a node keeps about the connection. The index of an
// entry is the connection's slot (ConnId::slot). After a connection is closed, a later one may get its slot, but has
// another generation (ConnId::generation). So find() returns null for a closed connection, even if its slot is in use
// again. No I/O; owned by one node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "nodes/base/check.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

template <typename T>
class SlotTable {
 public:
  // Returns the connection's entry, or null if the connection is not in the table.
  T* find(ConnId conn) {
    if (conn.slot >= slots_.size()) return nullptr;
    Slot& s = slots_[conn.slot];
    return s.open && s.generation == conn.generation ? &s.entry : nullptr;
  }
  const T* find(ConnId conn) const { return const_cast<SlotTable*>(this)->find(conn); }

  // Returns the entry of the connection that has this slot now, or null if the slot is free.
  T* find_slot(std::uint32_t slot) { return slot < slots_.size() && slots_[slot].open ? &slots_[slot].entry : nullptr; }

  // Returns how many connections are in the table.
  std::size_t size() const { return size_; }

  // Adds the connection. Replaces the entry of an earlier connection in the same slot.
  T& open(ConnId conn, T entry = {}) {
    if (conn.slot >= slots_.size()) slots_.resize(conn.slot + 1);
    Slot& s = slots_[conn.slot];
    size_ += s.open ? 0 : 1;
    s = Slot{conn.generation, true, std::move(entry)};
    return s.entry;
  }

  // Removes the connection, which must be in the table, and returns its entry.
  T close(ConnId conn) {
    RESFLOW_CHECK(find(conn) != nullptr);
    --size_;
    return std::exchange(slots_[conn.slot], Slot()).entry;
  }

  // Calls f(entry) for each connection, in the order of their slots.
  template <typename F>
  void for_each(F&& f) {
    for (Slot& s : slots_) {
      if (s.open) f(s.entry);
    }
  }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    bool open = false;
    T entry = {};
  };

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

// For a table that holds pointers: returns the connection's pointer, or null if the connection is not in the table.
template <typename T>
T* find_object(const SlotTable<std::unique_ptr<T>>& table, ConnId conn) {
  const std::unique_ptr<T>* entry = table.find(conn);
  return entry == nullptr ? nullptr : entry->get();
}

}  // namespace resflow
