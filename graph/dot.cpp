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

// Draws the nodes and edges that a registry lists. A node that stands for the world outside the gateway (clients,
// services or time) is drawn on the left as a sender, and on the right as a receiver. So all messages run from left to
// right. If only one lane (one of the gateway's parallel threads) is drawn, a frame surrounds each group of nodes (the
// nodes that have the same NodeInfo::side).
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
  // Returns true if the picture shows only one lane, which stands for all lanes.
  bool folded() const { return options_.lanes == 1; }
  std::string_view side(std::string_view node) const { return registry_.find(node)->side; }
  std::size_t group(std::string_view node) const {
    return static_cast<std::size_t>(std::find(sides_.begin(), sides_.end(), side(node)) - sides_.begin());
  }

  // Returns the DOT name of a node at one end of an edge. A node of the world outside has two names, one as the sender
  // and one as the receiver.
  std::string end(const std::string& name, std::size_t lane, bool is_receiver) const {
    if (side(name) == kOutside) return is_receiver ? "to " + name : name;
    return folded() ? name : name + ' ' + std::to_string(lane);
  }

  // Draws the nodes of one lane. If several lanes are drawn, there are no groups with frames: each node has the color
  // of its group and shows the number of its lane. (Graphviz 2.42 never finishes if it gets groups in several lanes
  // together with edges that do not count for the layout.)
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

  // Draws the nodes of the world outside (clients, services, time). To draw the senders, the caller passes "source" and
  // EdgeInfo::from; to draw the receivers, "sink" and EdgeInfo::to. If one lane is drawn, the senders are at the left
  // margin and the receivers at the right margin. If several lanes are drawn, Graphviz cannot do this and chooses the
  // places itself.
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

  // Adds invisible edges from every node that sends messages out of the gateway to every receiver outside. These edges
  // make Graphviz place the receivers to the right of the gateway's nodes. Used if several lanes are drawn.
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

  // Draws an edge that begins in `lane`. A mailbox edge gets an arrow to every lane, because its messages may go to any
  // lane.
  void draw_edge(const EdgeInfo& e, std::size_t lane) {
    draw_arrow(e, lane, lane);
    if (e.kind != EdgeKind::mailbox) return;
    for (std::size_t to = 0; to < options_.lanes; ++to) {
      if (to != lane) draw_arrow(e, lane, to);
    }
  }

  // Draws one arrow. Its label shows the messages per second and the numbers of the tour steps (Tour in registry.hpp)
  // that use this edge.
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

  // Returns the label of an edge. If several lanes are drawn, labels have no numbers of tour steps (steps of an example
  // path); the legend still lists the steps.
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

  // Returns true if Graphviz must draw the receiver of the edge to the right of its sender. Returns false for an edge
  // that leads back to a group further left: Graphviz ignores such an edge when it places the nodes.
  bool leads_on(const EdgeInfo& edge) const {
    if (edge.kind == EdgeKind::direct || edge.kind == EdgeKind::outside) return true;
    return std::find(onward_.begin(), onward_.end(), std::pair(side(edge.from), side(edge.to))) != onward_.end();
  }

  // Fills onward_ with pairs of groups; the first group of a pair is drawn to the left of the second. The two groups at
  // the ends of each direct edge become a pair, then the two groups at the ends of each mailbox edge. A pair that would
  // close a cycle is left out.
  void choose_onward() {
    for (const EdgeKind kind : {EdgeKind::direct, EdgeKind::mailbox}) {
      for (const EdgeInfo& e : registry_.edges()) {
        if (e.kind == kind && !reaches(side(e.to), side(e.from))) onward_.emplace_back(side(e.from), side(e.to));
      }
    }
  }

  // Returns true if a path of pairs in onward_ leads from the group `from` to the group `to`.
  bool reaches(std::string_view from, std::string_view to) const {
    return from == to || std::any_of(onward_.begin(), onward_.end(),
                                     [&](const auto& step) { return step.first == from && reaches(step.second, to); });
  }

  const Registry& registry_;
  const DotOptions& options_;
  std::vector<std::string> sides_;  // the groups, in the order in which the registry first names each of them
  // Pairs of groups that choose_onward() has chosen: left group, right group.
  std::vector<std::pair<std::string_view, std::string_view>> onward_;
  std::string out_;
};

}  // namespace

std::string to_dot(const Registry& registry, const DotOptions& options) {
  return Picture(registry, options).draw();
}

}  // namespace resflow
