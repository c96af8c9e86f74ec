// The record of the wiring of a lane: every node with its name, and every edge with both of its ends. The calls that
// connect the nodes also write this record, so it cannot differ from what runs. The picture (DOT), metrics and log
// lines take their names from it.
//
// Filled at start on the thread that wires, immutable afterwards. Wiring mistakes throw std::logic_error with the names
// concerned: a node that is registered twice, an output that is wired twice or not at all, an edge to or from a node
// that is not registered, and a tour with a step that is not an edge or does not follow from an earlier step.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// The `side` of a node that stands for the world outside the gateway: clients, services, time.
inline constexpr std::string_view kOutside = "outside";

// How a message gets from one end of an edge to the other.
enum class EdgeKind {
  direct,   // by a TBB edge: the receiver takes the message at once
  back,     // behind the messages that wait in the same lane; a TBB edge that leads back would make a cycle
  later,    // in the lane's next turn: between two pieces of long work, all other messages are handled
  mailbox,  // through the mailbox of the lane that owns the receiver's state: the same lane or another one
  outside,  // from or to the world outside the gateway
};

struct NodeInfo {
  std::string name;
  std::string side;         // the group in which it is drawn; kOutside for a node of the world outside
  std::string job;          // what it does, in a few words
  std::string state;        // the state that it owns; empty if it owns none
  std::string policy = {};  // how it runs: concurrency and TBB policy; set by its stage
};

struct EdgeInfo {
  std::string from;
  std::string output;
  std::string to;
  std::string message;
  EdgeKind kind = EdgeKind::direct;
};

// One step of a tour: a message on one edge. Steps with the same number happen at the same time.
struct Step {
  std::string number;
  std::string from;
  std::string to;
  std::string what;  // what happens, in a few words; empty if an earlier step with that number says it
};

// A tour: the edges that messages take after something happens, for example after a client subscribes. The legend of
// the picture shows the tours.
struct Tour {
  std::string title;
  std::vector<Step> steps;
};

class Registry {
 public:
  // Registers a node and the names of its outputs. Each output must be wired later.
  void add_node(NodeInfo info, const std::vector<std::string_view>& outputs);
  void add_edge(EdgeInfo info);

  // Each step must be an edge that starts outside the gateway or at a node that an earlier step has reached.
  void add_tour(Tour tour);

  // Throws if an output is not wired. Called after the last edge.
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
  std::vector<std::pair<std::string, std::string>> unwired_;  // outputs not wired yet: names of node and output
};

}  // namespace resflow
