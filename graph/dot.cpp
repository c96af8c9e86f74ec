// The wiring as Graphviz DOT: inputs left, outputs right, nodes grouped by side, state under the job.
#include <set>

#include "graph/registry.hpp"

namespace resflow {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string node_line(const NodeInfo& n) {
  std::string label = n.name;
  if (!n.job.empty()) label += "\n" + n.job;
  if (!n.state.empty()) label += "\nowns: " + n.state;
  std::string text = quoted(label);
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, "\\n");
  const char* shape = n.side == "outside" ? "ellipse" : n.state.empty() ? "box" : "box, peripheries=2";
  return quoted(n.name) + " [label=" + text + ", shape=" + shape + "];\n";
}

const char* style(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::direct:
      return "solid";
    case EdgeKind::mailbox:
      return "dashed";
    case EdgeKind::outside:
      return "bold";
  }
  return "solid";
}

}  // namespace

std::string to_dot(const Registry& registry) {
  std::string out =
      "// Solid: taken at once. Dashed: through the mailbox of the lane that owns the receiver's state. Bold: the "
      "world.\n"
      "// Double border: the node owns state.\n"
      "digraph resflow {\n"
      "  rankdir=LR;\n"
      "  node [fontname=\"sans-serif\", fontsize=11];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9];\n";
  std::set<std::string> sides;
  for (const NodeInfo& n : registry.nodes()) {
    if (n.side != "outside") sides.insert(n.side);
  }
  int cluster = 0;
  for (const std::string& side : sides) {
    out += "  subgraph cluster_" + std::to_string(cluster++) + " {\n    label=" + quoted(side) + ";\n";
    for (const NodeInfo& n : registry.nodes()) {
      if (n.side == side) out += "    " + node_line(n);
    }
    out += "  }\n";
  }
  for (const NodeInfo& n : registry.nodes()) {
    if (n.side == "outside") out += "  " + node_line(n);
  }
  for (const EdgeInfo& e : registry.edges()) {
    out += "  " + quoted(e.from) + " -> " + quoted(e.to) + " [label=" + quoted(e.message) + ", style=" + style(e.kind) +
           (e.kind == EdgeKind::mailbox ? ", constraint=false" : "") + "];\n";
  }
  return out + "}\n";
}

}  // namespace resflow
