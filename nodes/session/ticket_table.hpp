// Finds a subscription by its ticket. A ticket is the number that a subscription has while it waits for the cache to
// load its resource. Very many subscriptions of one lane may wait, so the table must be fast: a ticket contains its
// place in the table. When a ticket is removed, another ticket may use the place again, with another serial number. So
// find() by the removed ticket finds nothing.
//
// Bits of a ticket: the lane (63 to 56), a serial number (55 to 28), the place (27 to 0). So a later ticket is greater
// than an earlier one, until the serial numbers begin again at 0. No I/O; owned by Session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nodes/base/check.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

struct Subscription;

class TicketTable {
 public:
  explicit TicketTable(LaneId lane) : lane_(lane) {}

  std::size_t size() const { return places_.size() - free_.size(); }
  bool empty() const { return size() == 0; }

  Ticket add(Subscription& s) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(places_.size()));
      places_.emplace_back();
      RESFLOW_CHECK(places_.size() <= kMask);
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    serial_ = (serial_ + 1) & kMask;
    const auto ticket = in_lane<Ticket>(lane_, std::uint64_t{serial_} << kBits | place);
    places_[place] = {ticket, &s};
    return ticket;
  }

  // Returns null if the ticket is not in the table.
  Subscription* find(Ticket ticket) const {
    const std::size_t place = ticket.value() & kMask;
    return place < places_.size() && places_[place].ticket == ticket ? places_[place].subscription : nullptr;
  }

  // Removes the ticket, if it is in the table.
  void remove(Ticket ticket) {
    if (find(ticket) == nullptr) return;
    const auto place = static_cast<std::uint32_t>(ticket.value() & kMask);
    places_[place] = {};
    free_.push_back(place);
  }

  // Frees the memory of the table if no ticket is left and the table was large.
  void give_back_memory() {
    constexpr std::size_t large = 4'096;
    if (places_.size() < large || !empty()) return;
    places_ = {};
    free_ = {};
  }

 private:
  static constexpr unsigned kBits = 28;
  static constexpr std::uint32_t kMask = (1u << kBits) - 1;

  struct Place {
    Ticket ticket = 0;  // 0 if the place is free
    Subscription* subscription = nullptr;
  };

  LaneId lane_;
  std::uint32_t serial_ = 0;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;  // the free places; the one that was freed last is used first
};

}  // namespace resflow
