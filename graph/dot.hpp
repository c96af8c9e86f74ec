// Draws the flow graph of the gateway as Graphviz DOT, with inputs on the left and outputs on the right. Each node
// shows what it does, which state it owns and how it runs; each edge shows which messages it carries. If the caller
// provides the load of nodes and the rates of edges, the picture shows these as well (tools/dot reads both from a
// running gateway). In the SVG that Graphviz makes, nodes and edges have classes, and the ids node-NAME and
// edge-FROM-OUTPUT-TO. If several lanes (parallel threads of the gateway) are drawn, -LANE follows the name of each
// node in these ids. No I/O and no shared state; any thread may use it.
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
  // Returns the load of a node in a lane. If it returns nullopt, this node is drawn without a load. If the function is
  // empty, all nodes are drawn without a load.
  std::function<std::optional<NodeLoad>(std::string_view node, std::size_t lane)> load;
  // Returns the messages per second on an edge in a lane. The lane is that of the sender, or that of the receiver if
  // the edge comes from the world outside. If several lanes are drawn, mailbox edges show no rate, because the gateway
  // does not count how many messages go to which lane. If the function is empty or returns nullopt, the edge is drawn
  // without a rate.
  std::function<std::optional<double>(const EdgeInfo& edge, std::size_t lane)> rate;
};

// Returns the picture as a DOT text.
std::string to_dot(const Registry& registry, const DotOptions& options = {});

}  // namespace resflow
