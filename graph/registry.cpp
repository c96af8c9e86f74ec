#include "graph/registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace resflow {

void Registry::add_node(NodeInfo info, const std::vector<std::string_view>& outputs) {
  if (has_node(info.name)) throw std::logic_error("node " + info.name + " is registered twice");
  for (const std::string_view output : outputs) unwired_.emplace_back(info.name, output);
  nodes_.push_back(std::move(info));
}

void Registry::add_edge(EdgeInfo info) {
  const std::string ends = info.from + "." + info.output + " -> " + info.to;
  if (!has_node(info.from) || !has_node(info.to))
    throw std::logic_error("edge " + ends + " has an end that is no node");
  if (info.kind != EdgeKind::outside) {
    const auto output = std::find(unwired_.begin(), unwired_.end(), std::pair(info.from, info.output));
    if (output == unwired_.end()) throw std::logic_error("edge " + ends + " is wired twice, or from no output");
    unwired_.erase(output);
  }
  edges_.push_back(std::move(info));
}

void Registry::check() const {
  if (unwired_.empty()) return;
  throw std::logic_error("output " + unwired_.front().first + "." + unwired_.front().second + " leads nowhere");
}

void Registry::add_tour(Tour tour) {
  std::vector<std::string_view> reached;
  for (const Step& step : tour.steps) {
    const std::string name = tour.title + ", " + step.number + ": " + step.from + " -> " + step.to;
    if (!has_edge(step.from, step.to)) throw std::logic_error("tour " + name + " is no edge");
    const bool begins = find(step.from)->side == kOutside;
    if (!begins && std::find(reached.begin(), reached.end(), step.from) == reached.end())
      throw std::logic_error("tour " + name + " begins where nothing has led");
    reached.push_back(step.to);
  }
  tours_.push_back(std::move(tour));
}

const NodeInfo* Registry::find(std::string_view name) const {
  const auto at = std::find_if(nodes_.begin(), nodes_.end(), [&](const NodeInfo& n) { return n.name == name; });
  return at == nodes_.end() ? nullptr : &*at;
}

bool Registry::has_edge(std::string_view from, std::string_view to) const {
  return std::any_of(edges_.begin(), edges_.end(), [&](const EdgeInfo& e) { return e.from == from && e.to == to; });
}

}  // namespace resflow
