// Who watches what enters a lane: to record it (io/capture/capture.hpp), or to give it again what it was once given
// (tools/replay). With what leaves at the lane's ports, this is all that its graph has to do with the world.
//
// Called on the lane's thread. A lane without a tap pays a comparison a message.
#pragma once

#include <cstddef>
#include <vector>

#include "nodes/messages.hpp"

namespace resflow {

// So many messages, one after the other, of one sender.
struct MailRun {
  static constexpr LaneId kOutside = 0xff;  // the services

  LaneId from = kOutside;
  std::size_t count = 0;

  friend bool operator==(const MailRun&, const MailRun&) = default;
};
using MailRuns = std::vector<MailRun>;

class Tap {
 public:
  virtual ~Tap() = default;

  // Put by the lane's own loop: between turns, or by what a port was told within one.
  virtual void entered(const ParseIn& message) = 0;
  virtual void entered(const WriteIn& message) = 0;
  virtual void entered(const ServiceReply& message) = 0;
  virtual void entered(const ServiceMessage& message) = 0;
  virtual void entered(const ServiceNotice& notice) = 0;

  // A turn begins, and takes what has been put.
  virtual void turn(Millis now) = 0;

  // Within a turn the lane looks into its mailbox. True: it takes just what `runs` says, and waits for what is not
  // there yet; false: what there is.
  virtual bool taking(MailRuns& runs) = 0;
  // What it got, if anything; the messages from outside among them follow, each with entered().
  virtual void took(const MailRuns& runs) = 0;

  // The turn is over, and all that came of it has left.
  virtual void turned() = 0;
};

}  // namespace resflow
