// What waits to be put into a lane's graph: parcels, each for one of its nodes.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <variant>
#include <vector>

#include "graph/parcel.hpp"
#include "nodes/messages.hpp"

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
class Mailbox {
 public:
  static constexpr std::size_t kBound = 65'536;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { discard(items_); }

  // Appends a batch and empties it. True when the mailbox was empty: the lane must be woken.
  bool post(LaneBatch& batch);
  // The same, for one item from outside; waits while the mailbox is full, unless it is closed.
  bool post_waiting(LaneItem item);
  // Swaps what is here into `batch`, which must be empty.
  void take(LaneBatch& batch);
  // Adds what is here now. Goes through all of it, so not for every turn.
  void count(Waiting& waiting) const;
  // Nobody waits any more.
  void close();

 private:
  mutable std::mutex mutex_;
  std::condition_variable room_;
  LaneBatch items_;
  bool closed_ = false;
};

}  // namespace resflow
