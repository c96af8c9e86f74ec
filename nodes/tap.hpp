// A Tap watches what enters a lane. A capture records it (io/capture/capture.hpp); a replay gives the lane again what
// was recorded (tools/replay). What enters here and what leaves at the lane's ports is all that the lane's graph
// exchanges with the world.
//
// All functions are called on the lane's thread. A lane without a tap pays one comparison per message.
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
  virtual void entered(const ParseIn& message) = 0;
  virtual void entered(const WriteIn& message) = 0;
  virtual void entered(const ServiceReply& message) = 0;
  virtual void entered(const ServiceMessage& message) = 0;
  virtual void entered(const ServiceNotice& notice) = 0;

  // Called when a turn begins. The turn takes the messages that have been put.
  virtual void turn(Millis now) = 0;

  // Called when the lane looks into its mailbox within a turn. If it returns true, the lane takes exactly what `runs`
  // says, and waits for what is not there yet. If it returns false, the lane takes what is there.
  virtual bool taking(MailRuns& runs) = 0;
  // Called with what the lane took, if it took anything. After that, entered() is called for each message from outside
  // that is part of it.
  virtual void took(const MailRuns& runs) = 0;

  // Called when the turn is over, and everything that it sends has left.
  virtual void turned() = 0;
};

}  // namespace resflow
