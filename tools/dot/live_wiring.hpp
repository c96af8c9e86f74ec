// What the nodes of a running gateway do, and what its edges carry, from two looks at its metrics. Pure; any thread.
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

// What a gateway has counted, node by node and edge by edge.
class WiringSamples {
 public:
  // Reads the text of /metrics, in either format. Throws std::runtime_error when it is not that of this gateway.
  explicit WiringSamples(std::string_view text);

  std::size_t lanes() const { return lanes_; }
  // What a node has done since `before`, which was `seconds` earlier; of all lanes together when there is no `lane`.
  // A counter that is smaller than before began anew: the gateway was restarted.
  std::optional<NodeLoad> since(const WiringSamples& before, double seconds, std::string_view node,
                                std::optional<std::size_t> lane) const;
  // The same of an edge: messages a second.
  std::optional<double> since(const WiringSamples& before, double seconds, const EdgeInfo& edge,
                              std::optional<std::size_t> lane) const;

 private:
  struct Sample {
    double messages = 0;
    double seconds = 0;
    double failures = 0;
    double waiting = 0;
  };

  using Edge = std::array<std::string, 3>;  // sender, port, receiver

  void read_line(std::string_view line);
  void read_node(std::string_view what, std::string_view labels, std::size_t lane, double value);

  std::map<std::pair<std::string, std::size_t>, Sample> samples_;  // by node and lane
  std::map<std::pair<Edge, std::size_t>, double> edges_;           // the same
  std::size_t lanes_ = 0;
};

}  // namespace resflow
