// A Tap watches the messages that enter a lane (one thread's share of the gateway). A capture records these messages
// (io/capture/lane_capture.hpp), a trace logs them (io/capture/client_trace.hpp), and a replay gives recorded messages
// to the lane again (tools/replay). Nothing else from outside enters a lane, so a replay can repeat what the lanes did.
//
// A lane can have several taps. The lane calls each function on every tap, in the order in which the taps were added,
// on the lane's own thread. A function that a tap does not override does nothing. A lane without a tap pays one
// comparison per message.
#pragma once

#include <cstddef>
#include <vector>

#include "nodes/messages.hpp"

namespace resflow {

// Neighbouring items in a lane's mailbox that have the same sender. An item from the messaging system is one message;
// an item from another lane may have several messages.
struct MailRun {
  static constexpr LaneId kOutside = 0xff;  // the sender is the messaging system, not a lane

  LaneId from = kOutside;
  std::size_t count = 0;

  friend bool operator==(const MailRun&, const MailRun&) = default;
};
using MailRuns = std::vector<MailRun>;

class Tap {
 public:
  virtual ~Tap() = default;

  // Called when the lane's own event loop puts a message into the lane's flow graph. Mostly that happens between turns.
  // It happens within a turn if a node calls a port (the interface to clients or services), and the port answers with a
  // message before the call returns.
  virtual void entered(const ParseIn&) {}
  virtual void entered(const WriteIn&) {}
  virtual void entered(const ServiceReply&) {}
  virtual void entered(const ServiceMessage&) {}
  virtual void entered(const ServiceNotice&) {}

  // Called when a turn begins, with the time of the turn. The turn handles the messages that were put into the graph
  // before it.
  virtual void turn(Millis) {}

  // Called when the lane looks into its mailbox within a turn. A tap of a replay fills in a list of runs (MailRun) and
  // returns true, to repeat what the lane took when it was recorded. The lane then takes exactly the items of these
  // runs, and waits for items that are not there yet. If all taps return false, the lane takes the items that are
  // there.
  virtual bool taking(MailRuns&) { return false; }
  // Called with the runs that the lane took, if it took any. After that, the lane calls entered() for each message from
  // outside in these runs.
  virtual void took(const MailRuns&) {}

  // Called at the end of a turn, after the lane has given everything that it sends in this turn to its ports.
  virtual void turned() {}
};

}  // namespace resflow
