// The lists of messages that wait to be put into the flow graph of a lane (one of the gateway's parallel threads), and
// the mailbox through which other threads send messages to that lane. Both keep the order of the messages. Consecutive
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

// Up to kItemSize messages for one node; the type of the vector tells which node.
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

// kItemSize: how many messages an item has at most. The bound keeps vectors short, so that a growing vector moves few
// messages, and memory is freed item by item. append(): adds a message to the last item of a batch if that item is for
// the same node and has room. Otherwise it adds a new item with the message.
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

// Waiting: for each node, how many messages wait for that node. The index of a node is the position of its vector type
// in LaneItem. count(): adds the number of messages in a batch to `waiting`.
using Waiting = std::array<std::size_t, std::variant_size_v<LaneItem>>;
void count(const LaneBatch& batch, Waiting& waiting);

// The mailbox of a lane. Other threads add items, one batch at a time; the lane takes them out. The order of each
// sender's messages is kept. All functions may be called on any thread, but only the lane itself takes messages out.
//
// Bound: senders from outside (the services) wait while the mailbox has kBound items or more. Further messages then
// wait in the messaging system, which has limits of its own. Lanes never wait for room in a mailbox. They need no
// bound, because they only send what their own bounded input causes.
//
// The mailbox records the senders of its items as runs. A run says how many consecutive items come from one sender.
// When a capture (recorded traffic) is replayed, the lane takes the same items from each sender as it did during the
// recording.
class Mailbox {
 public:
  static constexpr std::size_t kBound = 65'536;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Appends a batch and empties the caller's vector. Returns true if the mailbox was empty: the caller must then wake
  // the lane.
  bool post(LaneBatch& batch, LaneId from);
  // Appends one item from the messaging system. Waits while the mailbox is full and not closed. Returns true if the
  // mailbox was empty: the caller must then wake the lane.
  bool post_waiting(LaneItem item);
  // Moves all items into `batch`, and their senders into `runs`. Both vectors must be empty before the call. Does not
  // wait for items.
  void take(LaneBatch& batch, MailRuns& runs);
  // Waits until the mailbox has as many items of each sender as `runs` says, and takes exactly those items. Returns
  // false and takes nothing if items are missing that will never come: their sender has ended (see end_of()), or the
  // mailbox was closed.
  bool take_exactly(const MailRuns& runs, LaneBatch& batch);
  // Adds to `waiting` how many messages the mailbox has for each node. Goes through all items, so it is too slow to be
  // called in every turn.
  void count(Waiting& waiting) const;
  // Records that the lane `lane` will put no more items into this mailbox. take_exactly() then no longer waits for
  // items from that lane.
  void end_of(LaneId lane);
  // Closes the mailbox, so that no thread waits any more: post_waiting() adds its item even if the mailbox is full, and
  // take_exactly() returns false if items are missing.
  void close();

 private:
  // Records in runs_ that the next `count` items of items_ come from the sender `from`.
  void note(LaneId from, std::size_t count);
  // Returns a sender of whose items the mailbox has fewer than `runs` says. Returns nullopt if there is no such sender.
  std::optional<LaneId> missing(const MailRuns& runs) const;
  // Moves the first `wanted.count` items of the sender `wanted.from` to `batch`.
  void take_first(MailRun wanted, LaneBatch& batch);

  mutable std::mutex mutex_;
  std::condition_variable room_;     // wakes post_waiting() when there is room
  std::condition_variable arrived_;  // wakes take_exactly() when items have arrived
  LaneBatch items_;
  MailRuns runs_;           // who sent how many of items_, in the same order
  std::bitset<256> ended_;  // the index is a lane; true if that lane will send nothing more
  bool closed_ = false;
};

}  // namespace resflow
