// How the clients of a lane share each turn of the lane's event loop, so that a greedy client cannot use up a turn.
// Work is counted in units: one for each resource that is visited, sent or forgotten, one for each kUnitBytes of text
// in a message, and kLoadUnits for each resource that the cache is asked for. A turn has a number of units for all
// clients together, and a share for each client. A client that has used its share waits for the next turn. A single
// step of work is never interrupted, so a client may use more than its share. It then gets that much less later.
//
// Work is never measured in time: when a recording of messages (a capture) is replayed, the work of a client must stop
// and go on at the same places as before, and times differ. No I/O; owned by Session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "nodes/limits.hpp"

namespace resflow {

// What one client has left of its share of work in a turn.
struct WorkAccount {
  std::int64_t left = 0;   // units left; negative if the client has used more than its share
  std::uint32_t turn = 0;  // number of the turn in which `left` was last filled up
};

class WorkShares {
 public:
  static constexpr std::size_t kUnitBytes = 512;
  // Loading a resource costs more than using a loaded resource: services, the cache and NATS have to work for it, too.
  static constexpr std::size_t kLoadUnits = 8;

  explicit WorkShares(WorkLimits limits) : limits_(limits), left_(limits.turn) {}

  // Begins a turn. `waiting` is the number of clients (and ended sessions) with work left over from the turn before.
  // Each client's share becomes WorkLimits::turn / `waiting`, but at least WorkLimits::share. So a single waiting
  // client may use the whole turn.
  void begin_turn(std::size_t waiting) {
    ++turn_;
    left_ = limits_.turn;
    share_ = std::max(limits_.share, limits_.turn / static_cast<std::int64_t>(std::max<std::size_t>(waiting, 1)));
  }

  // Makes sure that at least half of the turn's units are left for the clients with work from the turn before. Clients
  // with new messages come first in a turn, and may have used the units.
  void reserve_for_waiting() { left_ = std::max(left_, limits_.turn / 2); }

  bool turn_is_over() const { return left_ <= 0; }

  // Returns true if begin_turn() should be called before the next turn. That is worth its cost if all clients together
  // have used more units of work since the latest begin_turn() than an eighth of one client's share
  // (WorkLimits::share). Otherwise the next turn goes on with the units that are left.
  bool is_worth_renewing() const { return limits_.turn - left_ > limits_.share / 8; }

  // Returns true if more work may be done for the client in this turn.
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
  // Gives the client one share for each turn that has begun since the previous call. If the client has used more than
  // it had, these shares first pay off that debt; turns in which the client had no work count, too. Shares cannot be
  // saved: the client never has more than one.
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
