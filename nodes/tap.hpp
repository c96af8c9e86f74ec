// A Tap watches what enters a lane. A capture records it (io/capture/lane_capture.hpp), a trace logs it
// (io/capture/client_trace.hpp), and a replay gives the lane again what was recorded (tools/replay). What enters here
// and what leaves at the lane's ports is all that the lane's graph exchanges with the world.
//
// A lane can have several taps; each function is called for all of them, in the order in which they were added. All
// functions are called on the lane's thread. What a tap does not override does nothing. A lane without a tap pays one
// comparison per message.
#pragma once

#include <cstddef>
#include <vector>

#include "nodes/messages.hpp"

namespace resflow {

// Items in a lane's mailbox that follow each other and have the same sender. An item from outside is one message.
struct MailRun {
  static constexpr LaneId kOutside = 0xff;  // the sender is the messaging system, and no lane

  LaneId from = kOutside;
  std::size_t count = 0;

  friend bool operator==(const MailRun&, const MailRun&) = default;
};
using MailRuns = std::vector<MailRun>;

class Tap {
 public:
  virtual ~Tap() = default;

  // Called when the lane's own loop puts a message: between turns, or within a turn when a port is called.
  virtual void entered(const ParseIn&) {}
  virtual void entered(const WriteIn&) {}
  virtual void entered(const ServiceReply&) {}
  virtual void entered(const ServiceMessage&) {}
  virtual void entered(const ServiceNotice&) {}

  // Called when a turn begins. The turn takes the messages that have been put.
  virtual void turn(Millis) {}

  // Called when the lane looks into its mailbox within a turn. If it returns true, the lane takes exactly what `runs`
  // says, and waits for what is not there yet. If all taps return false, the lane takes what is there.
  virtual bool taking(MailRuns&) { return false; }
  // Called with what the lane took, if it took anything. After that, entered() is called for each message from outside
  // that is part of it.
  virtual void took(const MailRuns&) {}

  // Called when the turn is over, and everything that it sends has left.
  virtual void turned() {}
};

}  // namespace resflow
