// How the clients of a lane share its turns (a turn is one pass of the lane over the messages that have come). Session
// counts work in units: one for each resource that it visits, sends or forgets, one for each kUnitBytes of text in a
// message, and kLoadUnits for each resource that it asks the cache for. A turn has a number of units for all clients
// together, and a share for each client, so that a greedy client cannot use up the turn. A client that has used its
// share waits for the next turn. A single step of work cannot be interrupted, so a client may use more than its share.
// It then gets that much less in its next shares.
//
// Session never measures work in time. When a capture is replayed, the work of a client must stop and go on at the same
// places as before, and times differ. No I/O; owned by Session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "nodes/limits.hpp"

namespace resflow {

// What one client has left of its share of work in a turn.
struct WorkAccount {
  std::int64_t left = 0;   // units left; negative if the client has used more than its share
  std::uint32_t turn = 0;  // the turn in which `left` was last filled up
};

class WorkShares {
 public:
  static constexpr std::size_t kUnitBytes = 512;
  // Loading a resource costs more than using a loaded resource: services, the cache and NATS have to work for it, too.
  static constexpr std::size_t kLoadUnits = 8;

  explicit WorkShares(WorkLimits limits) : limits_(limits), left_(limits.turn) {}

  // Begins a turn. `waiting` is the number of clients and ended sessions with work left over from the turn before. The
  // share of each client becomes an equal part of the turn's units (WorkLimits::turn divided by `waiting`), but at
  // least WorkLimits::share. So a single waiting client may use the whole turn.
  void begin_turn(std::size_t waiting) {
    ++turn_;
    left_ = limits_.turn;
    share_ = std::max(limits_.share, limits_.turn / static_cast<std::int64_t>(std::max<std::size_t>(waiting, 1)));
  }

  // Makes sure that at least half of the turn is left for the clients that waited. Clients whose messages came in this
  // turn may have used units before the waiting clients.
  void reserve_for_waiting() { left_ = std::max(left_, limits_.turn / 2); }

  bool turn_is_over() const { return left_ <= 0; }

  // Returns true if all clients together have used more than an eighth of WorkLimits::share since the latest
  // begin_turn(). Then the node session needs a NewTurn message at the start of the next turn, to call begin_turn().
  // After less work it needs no NewTurn, and the units used in the next turn are added to those of this turn.
  bool is_worth_renewing() const { return limits_.turn - left_ > limits_.share / 8; }

  // Returns true if session may do more work for the client in this turn.
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
  // Adds a share for each turn that has begun since the previous call, but never leaves the client more than one share.
  // So a client that has used more than its share makes up for it even in turns in which it has no work.
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
