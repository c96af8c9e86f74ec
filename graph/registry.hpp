// The registry lists what the flow graph of a lane (one of the gateway's parallel threads) consists of: every node with
// its name, and every edge with its sender and receiver. connect() in stage.hpp makes an edge and registers it in one
// call, so the registry always agrees with the running graph. The picture of the graph (DOT), metrics and log lines
// take their names from the registry.
//
// Filled at start on the thread that makes the lane, immutable afterwards. Mistakes throw std::logic_error with the
// names concerned: a node that is registered twice, an output with two edges or with none, and an edge to or from a
// node that is not registered. A tour (an example path for the legend of the picture) must consist of registered edges;
// otherwise add_tour() throws as well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// The group (NodeInfo::side) of the nodes that are not in the gateway: they stand for the clients, the services and the
// clock.
inline constexpr std::string_view kOutside = "outside";

// How a message gets from one end of an edge to the other.
enum class EdgeKind {
  direct,   // by a TBB edge: the receiver processes the message at once
  back,     // the message goes to the end of this lane's queue; used where a TBB edge would close a cycle
  later,    // the message waits for the lane's next turn (run); a node splits long work in this way
  mailbox,  // the message goes to the lane of the client or resource; if that is another lane, through its mailbox
  outside,  // the edge begins or ends outside the gateway: at the clients, the services or the clock
};

struct NodeInfo {
  std::string name;
  // The node's group in the picture. kOutside: the node is no part of the gateway, but stands for the clients, the
  // services or the clock.
  std::string side;
  std::string job;          // what the node does, in a few words
  std::string state;        // the state that the node owns; empty if it owns none
  std::string policy = {};  // how TBB runs the node, such as "serial, lightweight"; set by class Stage
};

struct EdgeInfo {
  std::string from;
  std::string output;
  std::string to;
  std::string message;
  EdgeKind kind = EdgeKind::direct;
};

// One step of a tour. A tour is an example in the legend of the flow graph's picture: it shows the path of messages
// through the nodes. In one step, a message travels along one edge. Steps with the same number happen at the same time.
struct Step {
  std::string number;
  std::string from;
  std::string to;
  std::string what;  // what happens, in a few words; empty if an earlier step with the same number says it
};

// A tour: the path that messages take through the flow graph after something happens, for example after a client
// subscribes. It lists the edges along this path, step by step. The legend of the graph's picture shows each tour.
struct Tour {
  std::string title;
  std::vector<Step> steps;
};

class Registry {
 public:
  // Registers a node and the names of its outputs. Each output needs an edge, which add_edge() adds later.
  void add_node(NodeInfo info, const std::vector<std::string_view>& outputs);
  void add_edge(EdgeInfo info);

  // Adds a tour: an example path of messages, shown in the legend. Each step must be a registered edge that begins
  // outside the gateway, or at a node that an earlier step has reached. Otherwise throws std::logic_error.
  void add_tour(Tour tour);

  // Throws if an output has no edge. Call this after the last edge is added.
  void check() const;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const std::vector<EdgeInfo>& edges() const { return edges_; }
  const std::vector<Tour>& tours() const { return tours_; }
  // Returns the node with that name; null if there is none.
  const NodeInfo* find(std::string_view name) const;

 private:
  bool has_node(std::string_view name) const { return find(name) != nullptr; }
  bool has_edge(std::string_view from, std::string_view to) const;

  std::vector<NodeInfo> nodes_;
  std::vector<EdgeInfo> edges_;
  std::vector<Tour> tours_;
  std::vector<std::pair<std::string, std::string>> unwired_;  // outputs that have no edge yet: node name, output name
};

}  // namespace resflow
