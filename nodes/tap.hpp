// A Tap is an observer of the messages that come into a lane (one thread's share of the gateway). Three classes
// implement it. A capture records the messages (io/capture/lane_capture.hpp). A trace logs them
// (io/capture/client_trace.hpp). A replay (tools/replay) gives recorded messages to a lane, and checks that the lane
// sends the same as it did in the recording; as a tap, it learns when each turn begins and ends.
//
// A lane can have several taps. It calls each function on all taps, in the order in which the taps were added, on the
// lane's own thread. A function that a tap does not override does nothing. A lane without taps loses almost no time.
#pragma once

#include <cstddef>
#include <vector>

#include "nodes/messages.hpp"

namespace resflow {

// Says that the next `count` items in a lane's mailbox came from the same sender, `from`. An item from the messaging
// system (NATS) is one message. An item from another lane can contain several messages.
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

  // Called for each message from outside that comes into the lane, such as a client's text or a service's reply. Most
  // messages come between two turns (below). Some come within a turn, when a node sends something to a client or
  // service and gets an answer, such as an error, before the call returns.
  virtual void entered(const ParseIn&) {}
  virtual void entered(const WriteIn&) {}
  virtual void entered(const ServiceReply&) {}
  virtual void entered(const ServiceMessage&) {}
  virtual void entered(const ServiceNotice&) {}

  // Called when a turn begins, with the present time. A turn is one pass of the lane's event loop, which handles the
  // messages that have come since the previous turn.
  virtual void turn(Millis) {}

  // Called when the lane is about to take items out of its mailbox. Usually all taps return false, and the lane takes
  // all items that are there. A replay's tap returns true and fills in the argument, a list, to repeat what the lane
  // took when it was recorded. The lane then takes exactly the items in the list, and waits for those that are not
  // there yet.
  virtual bool taking(MailRuns&) { return false; }
  // Called after the lane has taken items out of its mailbox. The argument says how many it has taken from each sender.
  // After that, the lane calls entered() for each message among them that came from the messaging system
  // (MailRun::kOutside), but not for messages from other lanes.
  virtual void took(const MailRuns&) {}

  // Called at the end of a turn, after everything that the lane sends in this turn was handed to its sockets.
  virtual void turned() {}
};

}  // namespace resflow
