// The flow graph of a lane (one of the gateway's parallel threads), and the messages that wait to enter the graph.
// turn() passes the waiting messages through the graph, and sends the messages that result from them to clients,
// services and other lanes. The class Lane owns a LaneGraph, and adds the functions that other threads may call. The
// graph runs in a TBB arena for a single thread. So the lane's thread runs all nodes itself, and no TBB worker thread
// busy-waits beside it.
//
// LaneGraph::run() runs the lane's event loop. The other functions of LaneGraph must be called from that loop, and so
// on the lane's thread.
#pragma once

#include <oneapi/tbb/task_arena.h>

#include <functional>
#include <memory>
#include <vector>

#include "graph/mailbox.hpp"
#include "graph/wiring.hpp"
#include "nodes/tap.hpp"

namespace resflow {

// Converts a notice from NATS (a refused subscription, or a restored connection) to AskIn, the type of the messages
// that the ask node takes.
inline AskIn ask_in(const ServiceNotice& notice) {
  return std::visit([](const auto& n) { return AskIn(n); }, notice);
}

class LaneGraph final : public Router {
 public:
  // A function that sends the messages in `batch` to the lane `to`, and empties `batch`.
  using Post = std::function<void(LaneId to, LaneBatch& batch)>;

  LaneGraph(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log, Mailbox& mailbox,
            Post post);
  ~LaneGraph();

  // Runs `loop`, the event loop of the lane's thread, on the calling thread. The loop runs inside the TBB arena in
  // which the graph was built. Returns when `loop` returns.
  void run(const std::function<void()>& loop) { arena_.execute(loop); }

  // Adds a message that the event loop of the lane's thread has received, and shows it to the taps (observers of the
  // messages that enter the lane). The message passes through the graph in the next turn() call, or later in the same
  // call if a turn() runs already.
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Runs one turn of the lane. A turn consists of rounds. Each round puts one list of waiting messages into the graph.
  // The turn ends when no message is left, or after 64 rounds, so that the event loop can serve the sockets again.
  // Returns true if messages are left.
  bool turn(Millis now);

  // A tap watches the messages that enter the lane, for example to record them. Call these functions only between
  // turns.
  void add_tap(Tap& tap) { taps_.push_back(&tap); }
  void remove_tap(const Tap& tap) { std::erase(taps_, &tap); }

  LaneId id() const { return id_; }
  const Wiring& wiring() const { return *wiring_; }
  // Returns the counters of the lane, and how many messages wait for each node, in this object or in the lane's
  // mailbox.
  LaneStatistics statistics() const;

 private:
  // Overrides of Router: each returns the batch to which an edge adds messages that must wait. batch_for(): for another
  // lane, returns the batch to send to it; for this lane, returns the batch of the next round. later(): returns the
  // batch for the next call of turn(), which consists of rounds.
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
  LaneBatch local_;                  // messages for this lane, in order; the next call of round() puts all in the graph
  LaneBatch later_;                  // messages that wait for the next call of turn(), in order
  LaneBatch batch_;                  // the messages that the current call of round() puts into the graph
  std::vector<LaneBatch> outgoing_;  // messages for other lanes; the index is the lane that gets them
  MailRuns runs_;  // the senders of the items that the latest take() took, and how many from each, in the items' order
  std::vector<Tap*> taps_;
  Millis now_ = -1;  // the latest time that the ask node and the cache node were told; -1: none so far
};

}  // namespace resflow
