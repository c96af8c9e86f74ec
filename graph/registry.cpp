#include "graph/registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace resflow {

void Registry::add_node(NodeInfo info, const std::vector<std::string_view>& ports) {
  if (has_node(info.name)) throw std::logic_error("node " + info.name + " is registered twice");
  for (const std::string_view port : ports) unwired_.emplace_back(info.name, port);
  nodes_.push_back(std::move(info));
}

void Registry::add_edge(EdgeInfo info) {
  const std::string ends = info.from + "." + info.port + " -> " + info.to;
  if (!has_node(info.from) || !has_node(info.to))
    throw std::logic_error("edge " + ends + " has an end that is no node");
  if (info.kind != EdgeKind::outside) {
    const auto port = std::find(unwired_.begin(), unwired_.end(), std::pair(info.from, info.port));
    if (port == unwired_.end()) throw std::logic_error("edge " + ends + " is wired twice, or from no port");
    unwired_.erase(port);
  }
  edges_.push_back(std::move(info));
}

void Registry::check() const {
  if (unwired_.empty()) return;
  throw std::logic_error("port " + unwired_.front().first + "." + unwired_.front().second + " leads nowhere");
}

bool Registry::has_node(std::string_view name) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const NodeInfo& n) { return n.name == name; });
}

}  // namespace resflow
