// The registry of a lane (one of the gateway's parallel threads) lists what the lane's flow graph consists of: every
// node with its name, and every edge with both of its ends. connect() in stage.hpp makes an edge and registers it in
// one call, so the registry always agrees with the graph that runs. The picture of the graph (DOT), metrics and log
// lines take their names from the registry.
//
// Filled at start on the thread that makes the lane, immutable afterwards. Mistakes throw std::logic_error with the
// names concerned: a node that is registered twice, an output with two edges or with none, and an edge to or from a
// node that is not registered. Mistakes in a tour (an example path for the legend of the picture) throw as well: a step
// that is not an edge, or that begins at a node that no earlier step has reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// The value of NodeInfo::side for the nodes that stand for the world outside the gateway: clients, services and time.
inline constexpr std::string_view kOutside = "outside";

// How a message gets from one end of an edge to the other.
enum class EdgeKind {
  direct,   // by a TBB edge: the receiver processes the message at once
  back,     // behind all messages that wait in the same lane; used where a TBB edge would close a cycle
  later,    // in the same lane's next turn; a node uses it to interrupt long work, so that other messages pass
  mailbox,  // to the lane that owns the receiver's state; if that is another lane, through the mailbox of that lane
  outside,  // the edge begins or ends outside the gateway: at clients, services or time
};

struct NodeInfo {
  std::string name;
  std::string side;         // the node's group in the picture; kOutside: the node stands for clients, services or time
  std::string job;          // what the node does, in a few words
  std::string state;        // the state that the node owns; empty if it owns none
  std::string policy = {};  // how TBB runs the node, such as "serial, lightweight"; set by the node's Stage
};

struct EdgeInfo {
  std::string from;
  std::string output;
  std::string to;
  std::string message;
  EdgeKind kind = EdgeKind::direct;
};

// One step of a tour (an example path in the legend of the picture): a message travels along one edge. Steps with the
// same number happen at the same time.
struct Step {
  std::string number;
  std::string from;
  std::string to;
  std::string what;  // what happens, in a few words; empty if an earlier step with the same number says it
};

// A tour: the edges that messages take after something happens, for example after a client subscribes. The legend of
// the graph's picture shows the tours as examples.
struct Tour {
  std::string title;
  std::vector<Step> steps;
};

class Registry {
 public:
  // Registers a node and the names of its outputs. Each output needs an edge, which add_edge() adds later.
  void add_node(NodeInfo info, const std::vector<std::string_view>& outputs);
  void add_edge(EdgeInfo info);

  // Adds a tour (an example path for the legend). Each step must be an edge that starts outside the gateway or at a
  // node that an earlier step has reached.
  void add_tour(Tour tour);

  // Throws if an output has no edge. Call this after the last edge is added.
  void check() const;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const std::vector<EdgeInfo>& edges() const { return edges_; }
  const std::vector<Tour>& tours() const { return tours_; }
  // Returns the node with that name, or null.
  const NodeInfo* find(std::string_view name) const;

 private:
  bool has_node(std::string_view name) const { return find(name) != nullptr; }
  bool has_edge(std::string_view from, std::string_view to) const;

  std::vector<NodeInfo> nodes_;
  std::vector<EdgeInfo> edges_;
  std::vector<Tour> tours_;
  std::vector<std::pair<std::string, std::string>> unwired_;  // outputs without an edge so far: node name, output name
};

}  // namespace resflow
