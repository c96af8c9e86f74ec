// Plays the clients of a capture (a recording of a gateway's traffic) to a running gateway, over WebSocket: it opens
// the connections, sends the messages and closes the connections at the recorded times. It compares the gateway's
// answer to each request with the recorded answer to the request with the same id. It counts events but does not
// compare them, because the services now send other events than in the recording.
//
// HTTP requests are not played. Everything is on the thread that calls play_live().
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/bench/histogram.hpp"

namespace resflow::replay {

struct LiveOptions {
  std::string url;
  double speed = 1;  // 1: as fast as recorded; 2: twice as fast; 0: without waiting
  bool allow_remote = false;
};

struct LiveOutcome {
  std::size_t connections = 0;
  std::size_t sent = 0;       // messages that the clients have sent
  std::size_t equal = 0;      // answers equal to the recorded ones
  std::size_t different = 0;  // answers that differ from the recorded ones
  // Recorded answers that have not arrived in the replay.
  std::size_t unanswered = 0;
  std::size_t events = 0;
  std::size_t recorded_events = 0;
  std::string first_difference;  // the first answer that differs: recorded and actual, on two lines
  bench::Histogram latency;      // time from a request to its answer
};

// Plays the capture. `files` are the parts of the capture, in order. Throws CaptureError if the capture cannot be read,
// and bench::UsageError or bench::RunError if the gateway cannot be reached.
LiveOutcome play_live(std::vector<std::string> files, const LiveOptions& options);

std::string to_text(const LiveOutcome& outcome);

}  // namespace resflow::replay
