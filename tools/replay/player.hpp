// Replays a capture through the pipeline (the lanes, nodes and wiring of the gateway), with the recorded inputs in the
// place of sockets and NATS. Compares the outputs with the recorded ones. Each lane runs on a thread of its own, as in
// the gateway. A lane takes from the other lanes exactly the messages that it took in the recording, so the result does
// not depend on the timing of the threads.
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
  double speed = 0;  // factor of the recorded speed; 0: without waiting
  Span span;
  std::size_t differences = 1;  // differences to keep in the outcome
  std::string export_file;      // file for a new capture of the replay; empty: none
  // The connections and resources that the user has chosen, as Selection takes them; both empty: all traffic.
  std::vector<std::string> conns;
  std::vector<std::string> rids;
  bool measure = true;  // measure the time that nodes take
};

struct Outcome {
  std::size_t equal = 0;  // lines that came out as recorded
  std::size_t different = 0;
  std::vector<Difference> differences;
  Tally tally;
  double seconds = 0;                 // time that the replay took
  double recorded_seconds = 0;        // time that the capture lasted
  std::string cut_off;                // why the capture has no proper end; empty if it ends properly
  std::vector<NodeStatistics> nodes;  // sums over all lanes
  By<resflow::RequestKind, Histogram> requests;
  Registry registry;
};

// Plays a capture; the files are its parts, in order. Throws CaptureError if the capture cannot be read or compared, or
// does not have the chosen connections and resources. Calls `progress` now and then with the part that is done, from 0
// to 1.
Outcome play(std::vector<std::string> files, const PlayOptions& options, const std::function<void(double)>& progress);

}  // namespace resflow::replay
