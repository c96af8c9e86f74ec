// What waits to be put into a lane's graph: parcels, each for one of its nodes.
#pragma once

#include <array>
#include <bitset>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "graph/parcel.hpp"
#include "nodes/messages.hpp"
#include "nodes/tap.hpp"

namespace resflow {

using LaneItem = std::variant<Parcel<ParseIn>, Parcel<SessionIn>, Parcel<AuthorizeIn>, Parcel<AskIn>, Parcel<DecodeIn>,
                              Parcel<MergeIn>, Parcel<WriteIn>>;
using LaneBatch = std::vector<LaneItem>;

// How many items wait for each node, by the place of its parcel in LaneItem.
using Waiting = std::array<std::size_t, std::variant_size_v<LaneItem>>;
void count(const LaneBatch& batch, Waiting& waiting);

// Ends items that will not be put any more.
void discard(LaneBatch& batch);

// The mailbox of a lane: filled by other threads, a batch at a time, emptied by the lane. Order is kept for each
// sender.
//
// Bound: senders from outside wait while more than kBound items are here, so the messaging system's own limits take
// effect; lanes never wait for each other (what they send is caused by bounded input).
//
// Who sent what is known by runs, so that a lane that is played again can take the same from each.
class Mailbox {
 public:
  static constexpr std::size_t kBound = 65'536;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { discard(items_); }

  // Appends a lane's batch and empties it. True when the mailbox was empty: the lane must be woken.
  bool post(LaneBatch& batch, LaneId from);
  // The same, for one item from outside; waits while the mailbox is full, unless it is closed.
  bool post_waiting(LaneItem item);
  // Swaps what is here into `batch` and `runs`, which must be empty.
  void take(LaneBatch& batch, MailRuns& runs);
  // Takes just these, and waits for them. False when they will not come: a sender has ended, or all have.
  bool take_exactly(const MailRuns& runs, LaneBatch& batch);
  // Adds what is here now. Goes through all of it, so not for every turn.
  void count(Waiting& waiting) const;
  // Nothing more comes from this lane: nobody waits for it any more.
  void end_of(LaneId lane);
  // Nobody waits any more.
  void close();

 private:
  void note(LaneId from, std::size_t count);
  // What is missing for these runs: whose it is; none when all is there.
  std::optional<LaneId> missing(const MailRuns& runs) const;
  void take_first(MailRun wanted, LaneBatch& batch);

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable arrived_;  // for who wants certain messages
  LaneBatch items_;
  MailRuns runs_;  // whose they are
  std::bitset<256> ended_;
  bool closed_ = false;
};

}  // namespace resflow
