// Returns the wiring of a lane (its nodes and the edges between them) as Graphviz DOT, for `resflow --graph` and
// tools/dot. It builds a real lane, whose client and service ports do nothing, and draws the registry of that lane. So
// the picture shows what runs in the gateway.
#pragma once

#include <string>

#include "graph/dot.hpp"

namespace resflow {

std::string wiring_picture(const DotOptions& options = {});

}  // namespace resflow
