// What resflow-replay prints.
#pragma once

#include <string>

#include "tools/replay/player.hpp"

namespace resflow::replay {

// One difference: where, what was recorded, what came, the input it follows from, and the way that takes through the
// nodes.
std::string to_text(const Difference& difference, const Registry& registry);

// How much was played, how fast, and how long nodes and requests took.
std::string to_text(const Outcome& outcome);

// The nodes on the shortest way from one node to another, both included; empty when there is none.
std::vector<std::string> way(const Registry& registry, const std::string& from, const std::string& to);

}  // namespace resflow::replay
