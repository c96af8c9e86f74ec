// Plays the clients of a capture to a gateway that runs, over WebSocket: connections, messages and ends, at the times
// they had. What the gateway answers is compared by the ids of the requests; events are counted, for what services do
// now is not what they did then.
//
// Web requests are not played. One thread; ends by itself.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/bench/histogram.hpp"

namespace resflow::replay {

struct LiveOptions {
  std::string url;
  double speed = 1;  // 0: as fast as it goes
  bool allow_remote = false;
};

struct LiveOutcome {
  std::size_t connections = 0;
  std::size_t sent = 0;       // messages
  std::size_t equal = 0;      // answers as they were
  std::size_t different = 0;  // other answers
  std::size_t unanswered = 0;
  std::size_t events = 0;
  std::size_t recorded_events = 0;
  std::string first_difference;  // the recorded answer and the one that came, on two lines
  bench::Histogram latency;      // of answers
};

// Throws CaptureError, and bench::UsageError and bench::RunError when the gateway cannot be reached.
LiveOutcome play_live(std::vector<std::string> files, const LiveOptions& options);

std::string to_text(const LiveOutcome& outcome);

}  // namespace resflow::replay
