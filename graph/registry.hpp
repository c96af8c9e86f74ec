// The record of the wiring: every node by name, every edge with both of its ends. It is made by the very calls that
// connect, so what it says is what runs; DOT, metrics and log lines use its names.
//
// Filled at start on the thread that wires, immutable afterwards. Errors: std::logic_error, naming both ends, for an
// output that is wired twice, not at all, or to a node that is not registered, and for a tour that leaves the edges.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

inline constexpr std::string_view kOutside = "outside";

enum class EdgeKind {
  direct,   // a TBB edge: the message is taken at once
  back,     // behind what waits in the same lane: the graph has no cycles
  later,    // in the lane's next turn: long work is cut into pieces, and others have their turn between two of them
  mailbox,  // through the mailbox of the lane that owns the receiver's state: the same lane or another one
  outside,  // from or to the world
};

struct NodeInfo {
  std::string name;
  std::string side;         // the group it is drawn in; kOutside for the world
  std::string job;          // in a few words
  std::string state;        // what it owns; empty when it owns nothing
  std::string policy = {};  // how it runs: concurrency and TBB policy, said by the stage that runs it
};

struct EdgeInfo {
  std::string from;
  std::string output;
  std::string to;
  std::string message;
  EdgeKind kind = EdgeKind::direct;
};

// What becomes of something that happens: the edges that it takes, in order; equal numbers at the same time.
struct Step {
  std::string number;
  std::string from;
  std::string to;
  std::string what;  // in a few words; empty when an earlier step of that number has said it
};

struct Tour {
  std::string title;
  std::vector<Step> steps;
};

class Registry {
 public:
  // A node and the names of its outputs, each of which must be wired.
  void add_node(NodeInfo info, const std::vector<std::string_view>& outputs);
  void add_edge(EdgeInfo info);

  // Each step must be an edge, and begin in the world or where an earlier one has led.
  void add_tour(Tour tour);

  // After the last edge.
  void check() const;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const std::vector<EdgeInfo>& edges() const { return edges_; }
  const std::vector<Tour>& tours() const { return tours_; }
  // The node of that name, or null.
  const NodeInfo* find(std::string_view name) const;

 private:
  bool has_node(std::string_view name) const { return find(name) != nullptr; }
  bool has_edge(std::string_view from, std::string_view to) const;

  std::vector<NodeInfo> nodes_;
  std::vector<EdgeInfo> edges_;
  std::vector<Tour> tours_;
  std::vector<std::pair<std::string, std::string>> unwired_;  // node and output
};

}  // namespace resflow
