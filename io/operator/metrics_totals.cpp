#include "io/operator/metrics_totals.hpp"

#include <boost/pfr.hpp>

namespace resflow {

namespace {

// Do nothing. The sum of lane numbers would be meaningless, and total() leaves out the figures of single nodes and
// edges.
void add(LaneId&, LaneId) {}
void add(std::vector<NodeStatistics>&, const std::vector<NodeStatistics>&) {}
void add(std::vector<EdgeStatistics>&, const std::vector<EdgeStatistics>&) {}

template <typename Key>
void add(std::map<Key, std::uint64_t>& sum, const std::map<Key, std::uint64_t>& more) {
  for (const auto& [key, count] : more) sum[key] += count;
}

// Adds `more` to `sum`. Adds numbers and histograms with +=, and structs field by field. So a new counter in a struct
// needs no new code here.
template <typename T>
void add(T& sum, const T& more) {
  if constexpr (requires { sum += more; }) {
    sum += more;
  } else {
    const auto others = boost::pfr::structure_tie(more);
    boost::pfr::for_each_field(sum, [&](auto& field, auto place) { add(field, std::get<place>(others)); });
  }
}

}  // namespace

LaneFigures total(const std::vector<LaneFigures>& lanes) {
  LaneFigures sum;
  for (const LaneFigures& lane : lanes) {
    add(sum.nodes, lane.nodes);
    add(sum.clients, lane.clients);
  }
  return sum;
}

std::uint64_t open_websockets(const WebServerCounters& counters) {
  std::uint64_t open = counters.opened;
  for (const auto& [code, count] : counters.closes) open -= count;
  return open;
}

}  // namespace resflow
