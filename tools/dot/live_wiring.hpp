// Computes how busy a running gateway is, from the difference between two samples of its metrics. The results are the
// load of each node (a processing step) and the message rate of each edge (a connection between two nodes). resflow-dot
// draws them into the picture of the flow graph. Any thread.
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
  // Returns the load of a node between two samples: how many messages it processed a second, and what part of its
  // thread's time it used. This object is the later sample. `before` is the earlier one, taken `seconds` before. If
  // `lane` is nullopt, returns the load for all lanes together. Returns nullopt if the metrics do not have the node. If
  // a counter is smaller than in `before`, the gateway was restarted, and the counter is taken to have grown from 0.
  std::optional<NodeLoad> since(const WiringSamples& before, double seconds, std::string_view node,
                                std::optional<std::size_t> lane) const;
  // Returns how many messages a second an edge carried between two samples. This object is the later sample. `before`
  // is the earlier one, taken `seconds` before. If `lane` is nullopt, counts the messages of all lanes together.
  // Returns nullopt if the metrics do not have the edge.
  std::optional<double> since(const WiringSamples& before, double seconds, const EdgeInfo& edge,
                              std::optional<std::size_t> lane) const;

 private:
  struct Sample {
    double messages = 0;
    double seconds = 0;
    double failures = 0;
    double waiting = 0;
  };

  using Edge = std::array<std::string, 3>;  // names of the sending node, of its output, and of the receiving node

  void read_line(std::string_view line);
  void read_node(std::string_view what, std::string_view labels, std::size_t lane, double value);

  std::map<std::pair<std::string, std::size_t>, Sample> samples_;  // the counters of each node, by node name and lane
  std::map<std::pair<Edge, std::size_t>, double> edges_;           // messages so far, by edge and lane
  std::size_t lanes_ = 0;
};

}  // namespace resflow
