// Makes the texts that resflow-replay prints. Any thread.
#pragma once

#include <string>

#include "tools/replay/player.hpp"

namespace resflow::replay {

// Returns the description of one difference: its place in the capture, the recorded line, the line that came out, the
// input that most likely caused the line, and the path from that input through the nodes (processing steps).
std::string to_text(const Difference& difference, const Registry& registry);

// Returns the summary: how much was played, how fast, how long the nodes (processing steps) and the turns (rounds of
// processing) took, and how many outputs were equal.
std::string to_text(const Outcome& outcome);

// Returns the nodes (processing steps) on the shortest path from the node `from` to the node `to`, including both; an
// empty list if there is no path.
std::vector<std::string> way(const Registry& registry, const std::string& from, const std::string& to);

}  // namespace resflow::replay
