// Collects the counters of all nodes and edges of a lane (one of the gateway's parallel threads) into one
// LaneStatistics. Called on the lane's thread.
#include <type_traits>

#include "graph/wiring.hpp"

namespace resflow {

namespace {

// Returns the index, in the array Waiting, of the node that takes messages of type In. If no messages ever wait for
// that node, returns the size of Waiting, which is not a valid index.
template <typename In, std::size_t I = 0>
constexpr std::size_t place_of() {
  if constexpr (I == std::variant_size_v<LaneItem>) {
    return I;
  } else if constexpr (std::is_same_v<std::variant_alternative_t<I, LaneItem>, std::vector<In>>) {
    return I;
  } else {
    return place_of<In, I + 1>();
  }
}

template <typename S>
NodeStatistics statistics_of(const S& stage, const Waiting& waiting) {
  constexpr std::size_t place = place_of<typename S::Input>();
  NodeStatistics node{stage.name(), stage.messages(), stage.failures(), stage.seconds(), 0, 0};
  if constexpr (place < std::variant_size_v<LaneItem>) node.waiting = waiting[place];
  if constexpr (requires { stage.node().records(); }) node.records = stage.node().records();
  return node;
}

template <typename F>
void for_each_stage(const Wiring& w, F&& f) {
  const auto all = [&](const auto&... stages) { (f(stages), ...); };
  all(w.parse, w.admit, w.session, w.authorize, w.encode, w.write, w.ask, w.decode, w.cache, w.diff);
}

// If the edge begins at this stage, sets `count` to how many messages the stage has sent along it. Otherwise leaves
// `count` unchanged.
template <typename S>
void find_sent(const S& stage, const EdgeInfo& edge, std::optional<std::uint64_t>& count) {
  if (stage.name() != edge.from) return;
  for (std::size_t i = 0; i < S::kOutputs; ++i) {
    if (S::kOutputNames[i] == edge.output) count = stage.sent()[i];
  }
}

}  // namespace

// Returns how many messages have passed along an edge. Between two nodes, the stage of the sender has counted them. At
// an edge that comes from outside the gateway or leads there, the node at the other end has counted them. But no node
// counts the events from services: their number is the number of all messages to the decode node, minus that of the
// answers, which come from the ask node.
std::optional<std::uint64_t> Wiring::carried(const EdgeInfo& edge) const {
  std::optional<std::uint64_t> count;
  if (edge.kind != EdgeKind::outside) {
    for_each_stage(*this, [&](const auto& stage) { find_sent(stage, edge, count); });
    return count;
  }
  const auto is = [&](std::string_view from, std::string_view to) { return edge.from == from && edge.to == to; };
  if (is("clients", "parse")) return parse.messages();
  if (is("clients", "write")) return write_.counters().writable;
  if (is("write", "clients")) return write_.counters().sent;
  if (is("services", "ask")) return ask_.counters().replies;
  if (is("services", "decode")) return decode.messages() - ask.sent()[0];
  if (is("ask", "services")) return ask_.counters().sent;
  if (is("admit", "clients")) return admit_.counters().pauses + admit_.counters().resumes;
  if (is("time", "admit")) return admit_.counters().ticks;
  if (is("time", "ask")) return ask_.counters().ticks;
  if (is("time", "cache")) return cache_.counters().ticks;
  return std::nullopt;
}

LaneStatistics Wiring::statistics(const Waiting& waiting) const {
  LaneStatistics s;
  for_each_stage(*this, [&](const auto& stage) { s.nodes.push_back(statistics_of(stage, waiting)); });
  for (const EdgeInfo& e : registry.edges()) {
    if (const auto count = carried(e)) s.edges.push_back({e.from, e.output, e.to, *count});
  }
  s.parse = parse_.counters();
  s.admit = admit_.counters();
  s.session = session_.counters();
  s.encode = encode_.counters();
  s.write = write_.counters();
  s.requests = requests_;
  s.ask = ask_.counters();
  s.cache = cache_.counters();
  s.malformed_messages = decode_.malformed();
  s.pending_requests = ask_.pending_count();
  s.throttled_requests = ask_.throttled_count();
  s.cached_names = cache_.name_count();
  s.cached_resources = cache_.resource_count();
  return s;
}

void Wiring::answered(Nanos now) {
  for (const RequestId& id : encode_.take_answered()) requests_[id.kind].observe(now - id.arrived);
}

}  // namespace resflow
