// The mailbox through which other threads send messages to a lane (one of the gateway's parallel threads), and the type
// of the lists in which messages wait for the lane's flow graph. Both keep the order of the messages. Consecutive
// messages for the same node are packed into one item.
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

// An item: up to kItemSize messages for one node. The type of the vector tells which node.
using LaneItem =
    std::variant<std::vector<ParseIn>, std::vector<AdmitIn>, std::vector<SessionIn>, std::vector<AuthorizeIn>,
                 std::vector<AskIn>, std::vector<DecodeIn>, std::vector<CacheIn>, std::vector<WriteIn>>;
using LaneBatch = std::vector<LaneItem>;

// Makes an item with one message.
template <typename T>
LaneItem item_of(T&& message) {
  std::vector<std::decay_t<T>> messages;
  messages.push_back(std::forward<T>(message));
  return messages;
}

// kItemSize: the maximum number of messages in an item (a vector of messages for one node). It is small, so that few
// messages must be moved when the vector grows. append(): adds a message at the end of a batch (a list of items). The
// message goes into the last item if that item is for the same node and not full. Otherwise append() adds a new item.
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

// Waiting: how many messages wait for each node. The index of a node is the index of its message type among the
// alternatives of the variant LaneItem. count(): counts the messages in a batch, and adds these counts to `waiting`.
using Waiting = std::array<std::size_t, std::variant_size_v<LaneItem>>;
void count(const LaneBatch& batch, Waiting& waiting);

// The mailbox of a lane. Other threads add items at its end; only the lane itself takes items out. All other functions
// may be called on any thread.
//
// Bound: while the mailbox has kBound items or more, a thread that adds a message from the services waits. Further
// messages then wait in NATS, which has limits of its own. A lane that sends to another lane never waits. This needs no
// bound: a lane sends only what its inputs cause, and these are bounded.
//
// The mailbox also remembers who sent its items, as a list of runs. A run is a sender and a number of consecutive
// items. When a capture (recorded traffic) is replayed, the lane uses recorded runs to take the same items as in the
// recording.
class Mailbox {
 public:
  static constexpr std::size_t kBound = 65'536;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Appends the items in `batch`, which `from` has sent, and empties `batch`. Never waits for room. Returns true if the
  // mailbox was empty: the caller must then wake the lane that owns it.
  bool post(LaneBatch& batch, LaneId from);
  // Appends one item from NATS. If the mailbox is full, first waits until there is room or close() is called. Returns
  // true if the mailbox was empty: the caller must then wake the lane that owns it.
  bool post_waiting(LaneItem item);
  // Moves all items into `batch`, and the list of who sent them into `runs`. Both must be empty before the call. Does
  // not wait: if the mailbox is empty, `batch` and `runs` stay empty.
  void take(LaneBatch& batch, MailRuns& runs);
  // Takes from each sender exactly as many items as `runs` says, the oldest first. Waits until all of them are there.
  // Takes nothing and returns false if some of them will never come, because their sender has ended (see end_of()) or
  // the mailbox was closed.
  bool take_exactly(const MailRuns& runs, LaneBatch& batch);
  // Counts the messages that are in the mailbox for each node, and adds these counts to `waiting`. Slow, since it goes
  // through all items.
  void count(Waiting& waiting) const;
  // Notes that the lane `lane` will send no more items to this mailbox, so that take_exactly() does not wait for them.
  void end_of(LaneId lane);
  // Closes the mailbox, so that no thread waits any more: post_waiting() adds its item even if the mailbox is full, and
  // take_exactly() returns false if items are missing.
  void close();

 private:
  // Updates runs_ for new items at the end of items_: `count` items, sent by `from`.
  void note(LaneId from, std::size_t count);
  // Returns a sender that has fewer items in the mailbox than `runs` says; nullopt if all items of `runs` are there.
  std::optional<LaneId> missing(const MailRuns& runs) const;
  // Moves the first `wanted.count` items of the sender `wanted.from` to `batch`.
  void take_first(MailRun wanted, LaneBatch& batch);

  mutable std::mutex mutex_;
  std::condition_variable room_;     // post_waiting() waits here until there is room
  std::condition_variable arrived_;  // take_exactly() waits here until more items arrive
  LaneBatch items_;
  MailRuns runs_;           // who sent items_: each run of items of one sender in a row, and how many they are
  std::bitset<256> ended_;  // at the index of a lane: true if that lane will send nothing more
  bool closed_ = false;
};

}  // namespace resflow
