// What waits to be put into a lane's graph: messages in order, those for the same node that follow each other together.
#pragma once

#include <array>
#include <bitset>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/tap.hpp"

namespace resflow {

using LaneItem =
    std::variant<std::vector<ParseIn>, std::vector<AdmitIn>, std::vector<SessionIn>, std::vector<AuthorizeIn>,
                 std::vector<AskIn>, std::vector<DecodeIn>, std::vector<CacheIn>, std::vector<WriteIn>>;
using LaneBatch = std::vector<LaneItem>;

// An item of one message.
template <typename T>
LaneItem item_of(T&& message) {
  std::vector<std::decay_t<T>> messages;
  messages.push_back(std::forward<T>(message));
  return messages;
}

// Adds a message to a batch: to the last item where that is for the same node and has room. What is longer than
// kItemSize is in several items, so that no vector is moved as it grows, and memory is let go by and by.
constexpr std::size_t kItemSize = 256;

template <typename T>
void append(LaneBatch& batch, T&& message) {
  static_assert(std::is_rvalue_reference_v<T&&>);
  constexpr std::size_t growth = 4;
  auto* last = batch.empty() ? nullptr : std::get_if<std::vector<T>>(&batch.back());
  if (last == nullptr) {
    last = &batch.emplace_back().template emplace<std::vector<T>>();
  } else if (last->size() >= kItemSize) {
    last = &batch.emplace_back().template emplace<std::vector<T>>();
    last->reserve(kItemSize);
  } else if (last->size() == last->capacity()) {
    last->reserve(growth * last->size());
  }
  last->push_back(std::move(message));
}

// How many messages wait for each node, by the place of its vector in LaneItem.
using Waiting = std::array<std::size_t, std::variant_size_v<LaneItem>>;
void count(const LaneBatch& batch, Waiting& waiting);

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
