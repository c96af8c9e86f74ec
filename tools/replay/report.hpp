// The texts that resflow-replay prints. Pure.
#pragma once

#include <string>

#include "tools/replay/player.hpp"

namespace resflow::replay {

// Returns the description of one difference: where it is, what was recorded, what came out, the input it most likely
// follows from, and the path from that input through the nodes.
std::string to_text(const Difference& difference, const Registry& registry);

// Returns the summary: how much was played, how fast, how long turns and nodes took, and how many outputs were equal.
std::string to_text(const Outcome& outcome);

// Returns the nodes on the shortest path from one node to another, including both; empty if there is no path.
std::vector<std::string> way(const Registry& registry, const std::string& from, const std::string& to);

}  // namespace resflow::replay
