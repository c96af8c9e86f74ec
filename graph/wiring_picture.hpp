// Returns the nodes of a lane (one of the gateway's parallel threads) and the edges between them as Graphviz DOT, for
// `resflow --graph` and tools/dot. The function builds a real lane, whose client and service ports do nothing, and
// draws the nodes and edges that this lane has registered. So the picture shows what runs in the gateway.
#pragma once

#include <string>

#include "graph/dot.hpp"

namespace resflow {

std::string wiring_picture(const DotOptions& options = {});

}  // namespace resflow
