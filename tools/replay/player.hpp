// Plays a capture through the pipeline: the lanes, nodes and wiring of the gateway, with what was recorded at their
// ends. Several lanes run on a thread each, as they did; each takes from the others just what it took then, so what
// comes out does not depend on the threads.
//
// Main thread.
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
  double speed = 0;  // 0: as fast as it goes
  Span span;
  std::size_t differences = 1;  // that are kept
  std::string export_file;      // a capture of what is played; empty: none
  // Parts of the traffic, as Selection has them; none: all of it.
  std::vector<std::string> conns;
  std::vector<std::string> rids;
  bool measure = true;  // the time that nodes take
};

struct Outcome {
  std::size_t equal = 0;  // lines that came out as recorded
  std::size_t different = 0;
  std::vector<Difference> differences;
  Tally tally;
  double seconds = 0;                 // that it took
  double recorded_seconds = 0;        // that the capture lasted
  std::string cut_off;                // why the capture has no proper end; empty: it has one
  std::vector<NodeStatistics> nodes;  // of all lanes together
  By<resflow::RequestKind, Histogram> requests;
  Registry registry;
};

// Throws CaptureError, also when what was chosen is not in the capture. `progress` is called now and then with the part
// that is done, 0 to 1.
Outcome play(std::vector<std::string> files, const PlayOptions& options, const std::function<void(double)>& progress);

}  // namespace resflow::replay
