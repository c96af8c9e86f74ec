// Shares of a lane's turn. Work is counted in units: a resource that is visited, sent or let go of, or kUnitBytes of
// text that is made; to ask for a resource costs kLoadUnits. A turn has so many units for all clients together and, so
// that a greedy client cannot use them up, a share for each. A client that has used its share waits for the next turn;
// one that went over it, since a step cannot be cut, pays the rest back from its next shares.
//
// Units, never time: a replayed capture must cut the work at the same places. Pure; owned by Session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "nodes/limits.hpp"

namespace resflow {

// What one client has left of its share.
struct WorkAccount {
  std::int64_t left = 0;
  std::uint32_t turn = 0;  // when `left` was last filled up
};

class WorkShares {
 public:
  static constexpr std::size_t kUnitBytes = 512;
  // What is asked for costs more than what is here: services, the cache and NATS have their part of the work.
  static constexpr std::size_t kLoadUnits = 8;

  explicit WorkShares(WorkLimits limits) : limits_(limits), left_(limits.turn) {}

  // `waiting` clients have work that did not fit into the turn before: they share this one. A lone client gets it all.
  void begin_turn(std::size_t waiting) {
    ++turn_;
    left_ = limits_.turn;
    share_ = std::max(limits_.share, limits_.turn / static_cast<std::int64_t>(std::max<std::size_t>(waiting, 1)));
  }

  // Those that waited come behind the newcomers of a turn, and find half of it at least.
  void reserve_for_waiting() { left_ = std::max(left_, limits_.turn / 2); }

  bool turn_is_over() const { return left_ <= 0; }

  // So much that somebody could miss it. Before that, a new turn would change nothing worth the while.
  bool partly_used() const { return limits_.turn - left_ > limits_.share / 8; }

  // Whether the client may go on now.
  bool may_work(WorkAccount& account) const {
    fill_up(account);
    return account.left > 0 && left_ > 0;
  }

  void spend(WorkAccount& account, std::size_t units) {
    fill_up(account);
    account.left -= static_cast<std::int64_t>(units);
    left_ -= static_cast<std::int64_t>(units);
  }

  static std::size_t units_of_bytes(std::size_t bytes) { return bytes / kUnitBytes; }

 private:
  // A debt is paid back by a share a turn, also while the client has nothing to do.
  void fill_up(WorkAccount& account) const {
    if (account.turn == turn_) return;
    const auto turns = static_cast<std::int64_t>(turn_ - account.turn);
    account.left = std::min(share_, account.left + turns * share_);
    account.turn = turn_;
  }

  WorkLimits limits_;
  std::uint32_t turn_ = 1;
  std::int64_t left_;
  std::int64_t share_ = limits_.turn;
};

}  // namespace resflow
