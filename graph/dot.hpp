// Draws the gateway's flow graph as Graphviz DOT, with inputs on the left and outputs on the right. Each node shows
// what it does and which state it owns. Each edge shows which messages it carries. The caller can add measured loads
// and rates, as tools/dot does for a running gateway.
//
// In the SVG that Graphviz makes, each node has the id node-NAME and each edge the id edge-FROM-OUTPUT-TO. If several
// lanes (parallel threads of the gateway) are drawn, the number of the lane follows each node's name, as in
// node-NAME-LANE. Any thread may call these functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "graph/registry.hpp"

namespace resflow {

// The load of a node at present.
struct NodeLoad {
  double messages = 0;  // messages that the node processes per second
  double share = 0;     // the part of its thread's time that the node uses, from 0 to 1
  double waiting = 0;   // messages that wait until the node processes them
  double failures = 0;  // messages that were lost since the start because the node threw an exception
};

struct DotOptions {
  std::size_t lanes = 1;  // how many lanes are drawn; 1: the picture shows one lane, which stands for all lanes
  // Returns the load of a node in a lane. If it returns nullopt, this node is drawn without a load. If no function is
  // set, all nodes are drawn without a load.
  std::function<std::optional<NodeLoad>(std::string_view node, std::size_t lane)> load;
  // Returns how many messages per second pass along an edge in a lane. The lane is that of the sender, or that of the
  // receiver if the sender is outside the gateway. Not called for edges between lanes if several lanes are drawn. If no
  // function is set or it returns nullopt, the edge is drawn without a rate.
  std::function<std::optional<double>(const EdgeInfo& edge, std::size_t lane)> rate;
};

// Returns the picture as a DOT text.
std::string to_dot(const Registry& registry, const DotOptions& options = {});

}  // namespace resflow
