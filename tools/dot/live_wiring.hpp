// Computes how busy a running gateway is, from the difference between two samples of its metrics: the load of each node
// and the message rate of each edge. resflow-dot draws these into the picture of the flow graph. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "graph/dot.hpp"

namespace resflow {

// One sample of a gateway's metrics: its counters for each node and each edge.
class WiringSamples {
 public:
  // Reads the text of /metrics, as OpenMetrics or in the older Prometheus format. Throws std::runtime_error if the text
  // has no metrics of resflow's nodes, or a line that cannot be read.
  explicit WiringSamples(std::string_view text);

  std::size_t lanes() const { return lanes_; }
  // Returns the load of a node since the sample `before`, which was taken `seconds` earlier: in one lane, or in all
  // lanes together if `lane` is nullopt. Returns nullopt if the metrics do not have the node. If a counter is smaller
  // than in `before`, the gateway was restarted, and the counter counts from 0.
  std::optional<NodeLoad> since(const WiringSamples& before, double seconds, std::string_view node,
                                std::optional<std::size_t> lane) const;
  // Returns the messages a second on an edge since the sample `before`. `seconds`, `lane` and restarts mean the same as
  // for a node. Returns nullopt if the metrics do not have the edge.
  std::optional<double> since(const WiringSamples& before, double seconds, const EdgeInfo& edge,
                              std::optional<std::size_t> lane) const;

 private:
  struct Sample {
    double messages = 0;
    double seconds = 0;
    double failures = 0;
    double waiting = 0;
  };

  using Edge = std::array<std::string, 3>;  // sender, output, receiver

  void read_line(std::string_view line);
  void read_node(std::string_view what, std::string_view labels, std::size_t lane, double value);

  std::map<std::pair<std::string, std::size_t>, Sample> samples_;  // by node name and lane
  std::map<std::pair<Edge, std::size_t>, double> edges_;           // messages so far, by edge and lane
  std::size_t lanes_ = 0;
};

}  // namespace resflow
