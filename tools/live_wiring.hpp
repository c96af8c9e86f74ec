// What the nodes of a running gateway do, from two looks at its metrics. Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "graph/dot.hpp"

namespace resflow {

// What a gateway has counted, node by node.
class NodeSamples {
 public:
  // Reads the text of /metrics, in either format. Throws std::runtime_error when it is not that of this gateway.
  explicit NodeSamples(std::string_view text);

  std::size_t lanes() const { return lanes_; }
  // What a node has done since `before`, which was `seconds` earlier; of all lanes together when there is no `lane`.
  // A counter that is smaller than before began anew: the gateway was restarted.
  std::optional<NodeLoad> since(const NodeSamples& before, double seconds, std::string_view node,
                                std::optional<std::size_t> lane) const;

 private:
  struct Sample {
    double messages = 0;
    double seconds = 0;
    double failures = 0;
    double waiting = 0;
  };

  void read_line(std::string_view line);

  std::map<std::pair<std::string, std::size_t>, Sample> samples_;  // by node and lane
  std::size_t lanes_ = 0;
};

}  // namespace resflow
