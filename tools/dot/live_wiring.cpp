#include "tools/dot/live_wiring.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace resflow {

namespace {

// Returns the value of the label `name` of a metric, or an empty text if the metric does not have this label. `labels`
// is the text of all labels of the metric. Escape sequences are not decoded, because resflow's names of nodes and edges
// have none.
std::string_view label(std::string_view labels, std::string_view name) {
  const std::string start = std::string(name) + "=\"";
  const std::size_t at = labels.find(start);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = labels.substr(at + start.size());
  return rest.substr(0, rest.find('"'));
}

// Reads all of `text` as a number. Returns false if `text` is not a number.
template <typename Number>
bool to_number(std::string_view text, Number& number) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Returns how much a counter has grown. If `now` is smaller than `before`, the counter has restarted from 0.
double grown(double before, double now) {
  return now < before ? now : now - before;
}

}  // namespace

WiringSamples::WiringSamples(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    read_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (samples_.empty()) throw std::runtime_error("the answer has no metrics of resflow's nodes");
}

void WiringSamples::read_line(std::string_view line) {
  constexpr std::string_view nodes = "resflow_node_";
  constexpr std::string_view edges = "resflow_edge_messages_total";
  if (!line.starts_with(nodes) && !line.starts_with(edges)) return;
  const std::size_t open = line.find('{');
  const std::size_t close = line.find("} ");
  if (open == std::string_view::npos || close == std::string_view::npos) return;
  const std::string_view labels = line.substr(open, close - open);
  double value = 0;
  std::size_t lane = 0;
  if (!to_number(line.substr(close + 2), value) || !to_number(label(labels, "lane"), lane)) {
    throw std::runtime_error("the answer has a line that is no metric of resflow: " + std::string(line));
  }
  if (line.starts_with(nodes)) return read_node(line.substr(nodes.size(), open - nodes.size()), labels, lane, value);
  const auto text = [&](std::string_view name) { return std::string(label(labels, name)); };
  edges_[{{text("from"), text("port"), text("to")}, lane}] = value;
}

void WiringSamples::read_node(std::string_view what, std::string_view labels, std::size_t lane, double value) {
  Sample& sample = samples_[{std::string(label(labels, "node")), lane}];
  lanes_ = std::max(lanes_, lane + 1);
  if (what == "messages_total") sample.messages = value;
  if (what == "seconds_total") sample.seconds = value;
  if (what == "failures_total") sample.failures = value;
  if (what == "queue_messages") sample.waiting = value;
}

std::optional<NodeLoad> WiringSamples::since(const WiringSamples& before, double seconds, std::string_view node,
                                             std::optional<std::size_t> lane) const {
  NodeLoad load;
  std::size_t lanes = 0;
  for (const auto& [key, now] : samples_) {
    if (key.first != node || (lane && *lane != key.second)) continue;
    const auto at = before.samples_.find(key);
    const Sample then = at == before.samples_.end() ? Sample{} : at->second;
    load.messages += grown(then.messages, now.messages) / seconds;
    load.share += grown(then.seconds, now.seconds) / seconds;
    load.failures += now.failures;
    load.waiting += now.waiting;
    ++lanes;
  }
  if (lanes == 0) return std::nullopt;
  load.share /= static_cast<double>(lanes);
  return load;
}

std::optional<double> WiringSamples::since(const WiringSamples& before, double seconds, const EdgeInfo& edge,
                                           std::optional<std::size_t> lane) const {
  const Edge wanted{edge.from, edge.output, edge.to};
  std::optional<double> rate;
  for (const auto& [key, now] : edges_) {
    if (key.first != wanted || (lane && *lane != key.second)) continue;
    const auto at = before.edges_.find(key);
    rate = rate.value_or(0) + grown(at == before.edges_.end() ? 0 : at->second, now) / seconds;
  }
  return rate;
}

}  // namespace resflow
