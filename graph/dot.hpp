// The wiring as Graphviz DOT: inputs left, outputs right; in each node what it does, what it owns and how it runs; on
// each edge what it carries. Nodes and edges have ids and classes in the SVG that Graphviz makes of it: node-NAME and
// edge-FROM-PORT-TO, with -LANE behind a node's name when several lanes are drawn. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "graph/registry.hpp"

namespace resflow {

// What a node does at present.
struct NodeLoad {
  double messages = 0;  // per second
  double share = 0;     // of the time of its thread, from 0 to 1
  double waiting = 0;   // messages
  double failures = 0;  // messages lost, since the start
};

struct DotOptions {
  std::size_t lanes = 1;  // to be drawn; one stands for all
  // By node and lane; what is none of a node's is not drawn. Empty: nothing is.
  std::function<std::optional<NodeLoad>(std::string_view node, std::size_t lane)> load;
  // Messages a second of an edge, by the lane of its node, or of the sender. Of several lanes that are drawn, those
  // between lanes have none: how many go to which lane is not counted.
  std::function<std::optional<double>(const EdgeInfo& edge, std::size_t lane)> rate;
};

std::string to_dot(const Registry& registry, const DotOptions& options = {});

}  // namespace resflow
