// The flow graph of a lane, with its wiring and the messages that wait to enter the graph. This file says what a turn
// does. The class Lane adds the functions that other threads may call, and owns the mailbox. The graph lives in a TBB
// arena with one slot. So the lane's own thread runs the graph, and no TBB worker thread spins beside it.
//
// Owned by its Lane. All functions are called on the lane's thread, inside run().
#pragma once

#include <oneapi/tbb/task_arena.h>

#include <functional>
#include <memory>
#include <vector>

#include "graph/mailbox.hpp"
#include "graph/wiring.hpp"
#include "nodes/tap.hpp"

namespace resflow {

// Converts a notice to the message type that the node ask takes.
inline AskIn ask_in(const ServiceNotice& notice) {
  return std::visit([](const auto& n) { return AskIn(n); }, notice);
}

class LaneGraph final : public Router {
 public:
  // Gives messages to another lane, and leaves the batch empty.
  using Post = std::function<void(LaneId to, LaneBatch& batch)>;

  LaneGraph(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log, Mailbox& mailbox,
            Post post);
  ~LaneGraph();

  // Runs `loop` on the calling thread, within the arena. Returns when `loop` returns.
  void run(const std::function<void()>& loop) { arena_.execute(loop); }

  // Adds a message that the loop of the lane's thread has received, and tells the taps of it. The lane takes the
  // message in its next turn, or in a later round if put() is called during a turn.
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Runs rounds until no messages are left, but at most 64 rounds, so that the event loop can serve the sockets again.
  // Returns true if messages are left.
  bool turn(Millis now);

  // Call add_tap() and remove_tap() only between turns.
  void add_tap(Tap& tap) { taps_.push_back(&tap); }
  void remove_tap(const Tap& tap) { std::erase(taps_, &tap); }

  LaneId id() const { return id_; }
  const Wiring& wiring() const { return *wiring_; }
  // Returns the counters of the lane, and for each node how many messages wait for it, in the lane or in its mailbox.
  LaneStatistics statistics() const;

 private:
  // Router
  LaneBatch& batch_for(LaneId to) noexcept override { return to == id_ ? local_ : outgoing_[to]; }
  LaneBatch& later() noexcept override { return later_; }

  void take_later();
  bool round();
  void take();
  bool taps_choose();
  void report_taken();
  void report(const LaneItem& item);
  void report(const AskIn& m);
  template <typename Message>
  void entered(const Message& message);
  void put_item(LaneItem& item);
  void tick(Millis now);
  void deliver();

  LaneId id_;
  bool measure_;
  ServicePort& services_;
  Mailbox& mailbox_;
  Post post_;
  oneapi::tbb::task_arena arena_;
  std::unique_ptr<oneapi::tbb::flow::graph> graph_;
  std::unique_ptr<Wiring> wiring_;
  LaneBatch local_;                  // messages for this lane, in order; a round takes them
  LaneBatch later_;                  // messages for this lane in its next turn, in order
  LaneBatch batch_;                  // the messages that the current round puts into the graph
  std::vector<LaneBatch> outgoing_;  // messages for other lanes, by lane
  MailRuns runs_;                    // the senders of the items that take() took from the mailbox last
  std::vector<Tap*> taps_;
  Millis now_ = -1;  // the time of the newest Tick that ask and cache got; -1: none yet
};

}  // namespace resflow
