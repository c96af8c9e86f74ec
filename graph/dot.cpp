#include "graph/dot.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "graph/dot_text.hpp"

namespace resflow {

namespace {

using namespace dot;

constexpr std::string_view kHead =
    R"(// Solid: taken at once. Dotted: behind what waits in the same lane; from a node to itself: in the lane's next turn.
// Dashed: through the mailbox of the lane that owns the receiver's state. Bold: from or to the world. Double border: the node owns state.
digraph resflow {
  rankdir=LR; ranksep=0.5; nodesep=0.3; fontname="sans-serif"; fontsize=10; labelloc=b; labeljust=l;
  node [shape=box, style="rounded,filled", fillcolor=white, color="#5a6472", fontname="sans-serif", fontsize=12];
  edge [fontname="sans-serif", fontsize=10, arrowsize=0.7];
)";

// Returns the line style of an edge.
const char* style(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::direct:
      return "solid";
    case EdgeKind::back:
    case EdgeKind::later:
      return "dotted";
    case EdgeKind::mailbox:
      return "dashed";
    case EdgeKind::outside:
      return "bold";
  }
  return "solid";
}

// Draws the nodes and edges of a registry (the list of all nodes and edges in the gateway's flow graph). Messages run
// from left to right. So what is outside the gateway (clients, services and time) is drawn twice: on the left as a
// sender, and on the right as a receiver. The nodes belong to groups (NodeInfo::side). If only one lane (one of the
// gateway's parallel threads) is drawn, a frame surrounds each group.
class Picture {
 public:
  Picture(const Registry& registry, const DotOptions& options) : registry_(registry), options_(options) {
    for (const NodeInfo& n : registry.nodes()) {
      if (n.side != kOutside && std::find(sides_.begin(), sides_.end(), n.side) == sides_.end()) {
        sides_.push_back(n.side);
      }
    }
    choose_onward();
  }

  std::string draw() {
    out_ = kHead;
    out_ += "  label=<" + legend(registry_, options_) + ">;\n";
    for (std::size_t lane = 0; lane < options_.lanes; ++lane) draw_lane(lane);
    draw_world("source", &EdgeInfo::from);
    draw_world("sink", &EdgeInfo::to);
    if (!folded()) keep_sinks_right();
    for (const EdgeInfo& e : registry_.edges()) {
      for (std::size_t lane = 0; lane < options_.lanes; ++lane) draw_edge(e, lane);
    }
    return std::move(out_) + "}\n";
  }

 private:
  // Returns true if the picture shows only one lane (one of the gateway's parallel threads), which stands for all
  // lanes.
  bool folded() const { return options_.lanes == 1; }
  std::string_view side(std::string_view node) const { return registry_.find(node)->side; }
  std::size_t group(std::string_view node) const {
    return static_cast<std::size_t>(std::find(sides_.begin(), sides_.end(), side(node)) - sides_.begin());
  }

  // Returns the name that a node has in the DOT text. If several lanes are drawn, the number `lane` is added to the
  // name. What is outside the gateway (such as clients) is drawn twice, so it has two names: "clients" as a sender, "to
  // clients" as a receiver.
  std::string end(const std::string& name, std::size_t lane, bool is_receiver) const {
    if (side(name) == kOutside) return is_receiver ? "to " + name : name;
    return folded() ? name : name + ' ' + std::to_string(lane);
  }

  // Draws the nodes of one lane. If the picture shows only this lane, each group of nodes gets a frame. If it shows
  // several lanes, each node has the color of its group instead, and shows the number of its lane: with frames in
  // several lanes, Graphviz 2.42 never finishes.
  void draw_lane(std::size_t lane) {
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      if (folded()) open_group(i);
      for (const NodeInfo& n : registry_.nodes()) {
        if (n.side == sides_[i]) draw_node(n, lane, i);
      }
      if (folded()) out_ += "  }\n";
    }
  }

  void open_group(std::size_t group) {
    const std::string_view side = sides_[group];
    out_ += "  subgraph cluster_" + std::to_string(group) + " {\n    label=<<b>" + html(side) +
            "</b>>; class=\"group " + slug(side) +
            "\"; style=\"rounded,filled\"; color=" + quoted(colours(group).area) +
            "; fontcolor=" + quoted(colours(group).line) + "; fontsize=13;\n";
  }

  void draw_node(const NodeInfo& n, std::size_t lane, std::size_t group) {
    const auto load = options_.load ? options_.load(n.name, lane) : std::nullopt;
    std::string look = n.state.empty() ? "" : ", peripheries=2";
    if (load) {
      look += dot::look(*load);
    } else if (!folded()) {
      look += ", fillcolor=" + quoted(colours(group).area);
    }
    std::string more = n.policy.empty() ? "" : small(n.policy);
    if (load) more += "<br/><font point-size=\"10\"><b>" + html(words(*load)) + "</b></font>";
    write_node(n, end(n.name, lane, false), folded() ? "" : ", lane " + std::to_string(lane), more,
               look + ", class=" + quoted("node-of-" + slug(n.side)));
  }

  void write_node(const NodeInfo& n, const std::string& id, const std::string& lane, const std::string& more,
                  const std::string& look) {
    std::string label = "<b>" + html(n.name) + lane + "</b>";
    if (!n.job.empty()) label += small(n.job);
    if (!n.state.empty()) label += small("owns: " + n.state);
    out_ +=
        "    " + quoted(id) + " [id=" + quoted("node-" + slug(id)) + ", label=<" + label + more + ">" + look + "];\n";
  }

  // Draws the nodes that stand for clients, services and time, which are outside the gateway. If `which` is
  // &EdgeInfo::from, draws the senders among them; if it is &EdgeInfo::to, the receivers. `rank` is the Graphviz rank:
  // "source" puts the nodes at the left margin, "sink" at the right margin. It is used only if one lane is drawn.
  void draw_world(const std::string& rank, std::string EdgeInfo::*which) {
    out_ += folded() ? "  { rank=" + rank + ";\n" : "  {\n";
    for (const NodeInfo& n : registry_.nodes()) {
      const bool is_end = std::any_of(registry_.edges().begin(), registry_.edges().end(),
                                      [&](const EdgeInfo& e) { return e.*which == n.name; });
      if (n.side != kOutside || !is_end) continue;
      write_node(n, end(n.name, 0, which == &EdgeInfo::to), "", "",
                 ", shape=ellipse, style=filled, fillcolor=" + quoted(kWorldArea) + ", class=\"node-of-world\"");
    }
    out_ += "  }\n";
  }

  // Makes Graphviz place all receivers outside the gateway to the right of the gateway's nodes. To do so, adds an
  // invisible edge from each node that sends messages out of the gateway to each of these receivers. Called only if
  // several lanes are drawn.
  void keep_sinks_right() {
    for (const EdgeInfo& from : registry_.edges()) {
      for (const EdgeInfo& to : registry_.edges()) {
        if (side(from.to) != kOutside || side(to.to) != kOutside || &from == &to) continue;
        const std::string sink = quoted(end(to.to, 0, true));
        for (std::size_t lane = 0; lane < options_.lanes; ++lane) {
          out_ += "  " + quoted(end(from.from, lane, false)) + " -> " + sink + " [style=invis];\n";
        }
      }
    }
  }

  // Draws the edge `e` of the lane `lane`. Most edges become one arrow within the lane. A mailbox edge carries messages
  // to all lanes, so it becomes one arrow to each lane.
  void draw_edge(const EdgeInfo& e, std::size_t lane) {
    draw_arrow(e, lane, lane);
    if (e.kind != EdgeKind::mailbox) return;
    for (std::size_t to = 0; to < options_.lanes; ++to) {
      if (to != lane) draw_arrow(e, lane, to);
    }
  }

  // Draws one arrow. Its label shows the type of the messages and how many pass per second. If a tour (an example path
  // of messages) uses this edge, the label also shows the numbers of its steps there.
  void draw_arrow(const EdgeInfo& e, std::size_t from, std::size_t to) {
    const std::string from_end = end(e.from, from, false);
    const std::string to_end = end(e.to, to, true);
    const bool of_world = side(e.from) == kOutside;
    const bool counted = options_.rate && (folded() || e.kind != EdgeKind::mailbox);
    const auto rate = counted ? options_.rate(e, from) : std::nullopt;
    const std::string line = quoted(of_world ? kWorldLine : colours(group(e.from)).line);
    out_ += "  " + quoted(from_end) + " -> " + quoted(to_end) +
            " [id=" + quoted("edge-" + slug(from_end) + '-' + slug(e.output) + '-' + slug(to_end)) +
            ", label=" + label(e, rate) + ", style=" + style(e.kind) +
            (rate ? look(*rate, e.kind == EdgeKind::outside) : "") + ", color=" + line + ", fontcolor=" + line +
            ", class=" + quoted("edge-of-" + (of_world ? "world" : slug(side(e.from)))) +
            (from == to && leads_on(e) ? "" : ", constraint=false") + "];\n";
  }

  // Returns the label of an edge: the type of its messages, and how many pass per second. If only one lane is drawn,
  // the label also has the number of each tour step along this edge (a tour is an example path of messages).
  std::string label(const EdgeInfo& e, std::optional<double> rate) const {
    std::string chips;
    for (std::size_t i = 0; i < registry_.tours().size(); ++i) {
      for (const Step& step : registry_.tours()[i].steps) {
        if (step.from == e.from && step.to == e.to && folded()) chips += chip(step, i);
      }
    }
    if (chips.empty() && !rate) return quoted(e.message);
    const std::string text = html(e.message) + (rate ? "<br/><b>" + words(*rate) + "</b>" : "");
    if (chips.empty()) return '<' + text + '>';
    return "<<table border=\"0\" cellborder=\"0\" cellspacing=\"2\" cellpadding=\"0\"><tr>" + chips + "<td>" + text +
           "</td></tr></table>>";
  }

  // Returns true if Graphviz must draw the edge's receiver to the right of its sender. Returns false if the edge leads
  // back to the left: Graphviz must then ignore the edge when it places the nodes.
  bool leads_on(const EdgeInfo& edge) const {
    if (edge.kind == EdgeKind::direct || edge.kind == EdgeKind::outside) return true;
    return std::find(onward_.begin(), onward_.end(), std::pair(side(edge.from), side(edge.to))) != onward_.end();
  }

  // Decides which group of nodes is drawn to the left of which other group, and stores these pairs (left, right) in
  // onward_. The group of an edge's sender goes to the left of the group of its receiver. Direct edges are handled
  // first, then mailbox edges. A pair that contradicts the earlier pairs is left out.
  void choose_onward() {
    for (const EdgeKind kind : {EdgeKind::direct, EdgeKind::mailbox}) {
      for (const EdgeInfo& e : registry_.edges()) {
        if (e.kind == kind && !reaches(side(e.to), side(e.from))) onward_.emplace_back(side(e.from), side(e.to));
      }
    }
  }

  // Returns true if the pairs in onward_ (left group, right group) already place the group `from` to the left of the
  // group `to`, directly or through other groups. Also returns true if both are the same group.
  bool reaches(std::string_view from, std::string_view to) const {
    return from == to || std::any_of(onward_.begin(), onward_.end(),
                                     [&](const auto& step) { return step.first == from && reaches(step.second, to); });
  }

  const Registry& registry_;
  const DotOptions& options_;
  std::vector<std::string> sides_;  // the groups of nodes, in the order in which they first appear in the registry
  // Pairs of groups: the first one is drawn to the left of the second one. Filled by choose_onward().
  std::vector<std::pair<std::string_view, std::string_view>> onward_;
  std::string out_;
};

}  // namespace

std::string to_dot(const Registry& registry, const DotOptions& options) {
  return Picture(registry, options).draw();
}

}  // namespace resflow
