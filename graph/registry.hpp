// The record of the wiring: every node by name, every edge with both of its ends. It is made by the very calls that
// connect, so what it says is what runs; DOT, metrics and log lines use its names.
//
// Filled at start on the thread that wires, immutable afterwards. Errors: std::logic_error, naming both ends, for a
// port that is wired twice, not at all, or to a node that is not registered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

enum class EdgeKind {
  direct,   // a TBB edge: the message is taken at once
  mailbox,  // through the mailbox of the lane that owns the receiver's state: in the same lane or another one
  outside,  // from or to the world
};

struct NodeInfo {
  std::string name;
  std::string side;   // "client side" or "service side"; "outside" for the world
  std::string job;    // in a few words
  std::string state;  // what it owns; empty when it owns nothing
};

struct EdgeInfo {
  std::string from;
  std::string port;
  std::string to;
  std::string message;
  EdgeKind kind = EdgeKind::direct;
};

class Registry {
 public:
  // A node and the names of its output ports, each of which must be wired.
  void add_node(NodeInfo info, const std::vector<std::string_view>& ports);
  void add_edge(EdgeInfo info);

  // After the last edge.
  void check() const;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const std::vector<EdgeInfo>& edges() const { return edges_; }

 private:
  bool has_node(std::string_view name) const;

  std::vector<NodeInfo> nodes_;
  std::vector<EdgeInfo> edges_;
  std::vector<std::pair<std::string, std::string>> unwired_;  // node and port
};

// The wiring as Graphviz DOT.
std::string to_dot(const Registry& registry);

}  // namespace resflow
