// The wiring of a lane as Graphviz DOT, from the registry that wires the gateway, without sockets and services.
#pragma once

#include <string>

#include "graph/dot.hpp"

namespace resflow {

std::string wiring_picture(const DotOptions& options = {});

}  // namespace resflow
