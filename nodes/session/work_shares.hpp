// How the clients of a lane share its turns. Work is counted in units: one for each resource that is visited, sent or
// let go of, one for each kUnitBytes of text that is made, and kLoadUnits for each resource that is asked for. A turn
// has a number of units for all clients together, and a share for each client, so that a greedy client cannot use up
// the turn. A client that has used its share waits for the next turn. A step of work cannot be cut, so a client may use
// more than its share; it pays the rest back from its next shares.
//
// Work is never measured in time, since a replayed capture must cut it at the same places. Pure; owned by Session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "nodes/limits.hpp"

namespace resflow {

// What one client has left of its share.
struct WorkAccount {
  std::int64_t left = 0;   // units; negative if the client has used more than its share
  std::uint32_t turn = 0;  // the turn in which `left` was last filled up
};

class WorkShares {
 public:
  static constexpr std::size_t kUnitBytes = 512;
  // Loading a resource costs more than using a loaded one: services, the cache and NATS have to work for it, too.
  static constexpr std::size_t kLoadUnits = 8;

  explicit WorkShares(WorkLimits limits) : limits_(limits), left_(limits.turn) {}

  // Begins a turn. `waiting` is the number of clients with work left over from the turn before: they share the new one.
  // A single waiting client gets all of it.
  void begin_turn(std::size_t waiting) {
    ++turn_;
    left_ = limits_.turn;
    share_ = std::max(limits_.share, limits_.turn / static_cast<std::int64_t>(std::max<std::size_t>(waiting, 1)));
  }

  // Leaves at least half of the turn to the clients that waited, since they come after the newcomers of the turn.
  void reserve_for_waiting() { left_ = std::max(left_, limits_.turn / 2); }

  bool turn_is_over() const { return left_ <= 0; }

  // Returns true if so much of the turn is used that a client could be short of it. Before that, a new turn is not
  // worth its cost.
  bool is_worth_renewing() const { return limits_.turn - left_ > limits_.share / 8; }

  // Returns true if the client may go on in this turn.
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
  // Adds a share for each turn that has begun since the last call. So a debt is paid back also while the client has
  // nothing to do.
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
