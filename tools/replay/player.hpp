// Replays a capture (a recording of a gateway's traffic) through the same code that runs in the gateway. The inputs
// come from the capture instead of sockets and NATS, and the outputs are compared with the recorded outputs. Each lane
// (one of the gateway's parallel pipelines) runs on a thread of its own, as in the gateway. A lane takes the messages
// of other lanes at exactly the same points as in the recording. So the result does not depend on the timing of the
// threads.
//
// main.cpp calls it on the main thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/registry.hpp"
#include "nodes/statistics.hpp"
#include "tools/replay/comparison.hpp"
#include "tools/replay/lane_player.hpp"

namespace resflow::replay {

struct PlayOptions {
  double speed = 0;  // 1: as fast as recorded; 2: twice as fast; 0: without waiting
  Span span;
  std::size_t differences = 1;  // how many differences the outcome keeps; all are counted
  std::string export_file;      // file for a new capture of the replay; empty: none
  // The connections (--conn) and resources (--rid) that the user has chosen, as written on the command line. Both
  // empty: all traffic.
  std::vector<std::string> conns;
  std::vector<std::string> rids;
  bool measure = true;  // true: measure how much time each node (processing step) takes
};

struct Outcome {
  std::size_t equal = 0;  // output lines that equal the recorded lines
  std::size_t different = 0;
  std::vector<Difference> differences;
  Tally tally;
  double seconds = 0;                 // time that the replay took
  double recorded_seconds = 0;        // time that the capture lasted
  std::string cut_off;                // where and why the capture breaks off; empty if it is complete
  std::vector<NodeStatistics> nodes;  // statistics of each node (processing step), for all lanes together
  By<resflow::RequestKind, Histogram> requests;
  Registry registry;
};

// Plays a capture. `files` are the files of the capture, in order. Throws CaptureError if the capture cannot be read,
// cannot be replayed (for example because it began when the gateway was already at work), or does not have the chosen
// connections and resources. Also throws it if the new capture (`export_file`) cannot be written. Calls `progress` now
// and then with the fraction of the replay that is done, from 0 to 1.
Outcome play(std::vector<std::string> files, const PlayOptions& options, const std::function<void(double)>& progress);

}  // namespace resflow::replay
