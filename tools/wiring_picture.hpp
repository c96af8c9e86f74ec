// The wiring of a lane as Graphviz DOT, from the registry that wires the gateway, without sockets and services.
#pragma once

#include <string>

namespace resflow {

std::string wiring_picture();

}  // namespace resflow
