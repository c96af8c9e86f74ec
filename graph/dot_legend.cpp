// Makes the legend of the picture: an HTML-like label for Graphviz, which explains edges, nodes and the tours (example
// paths of messages through the graph).
#include <algorithm>
#include <vector>

#include "graph/dot_text.hpp"

namespace resflow::dot {

namespace {

// A column of the legend: a heading, and below it a list of entries. Each entry is two table cells: a sign and its
// meaning. All columns are parts of one table: if each column were its own table, Graphviz would stretch the rows of
// the short columns.
struct Column {
  std::string heading;
  std::vector<std::string> entries;
};

std::string text_cell(std::string_view text) {
  return "<td align=\"left\">" + std::string(text) + "</td>";
}

std::string entry(std::string_view sign, std::string_view text) {
  return text_cell(sign) + text_cell(text);
}

Column edges(bool live) {
  Column c{"Edges",
           {entry("&#9473;&#9473;&#9473;&#9654;", "from or to the world"),
            entry("&#9472;&#9472;&#9472;&#9654;", "taken at once, by the same thread"),
            entry("&#183; &#183; &#183; &#9654;", "behind what waits in the same lane"),
            entry("&#183; &#8635; &#183;", "to the node itself, in the lane's next turn"),
            entry("- - - &#9654;", "through the mailbox of the lane that owns"),
            entry("", "the receiver's state: this one or another")}};
  if (live) c.entries.push_back(entry("1,234/s", "messages a second; the wider the line the more"));
  return c;
}

Column nodes(bool live) {
  Column c{"Nodes",
           {entry("&#9633;", "a node; it knows only what it is sent, even the time"),
            entry("&#9635;", "one that owns state, which no other reads or writes"),
            entry("serial", "one message at a time, in order: no locks"),
            entry("lightweight", "runs where the message is sent, as no task of its own"),
            entry("lane", "a thread with all of these nodes; clients and"),
            entry("", "resource names are spread over the lanes")}};
  if (live) {
    c.entries.push_back(entry("colour", "share of the time: white 0 %, yellow 50 %, red 100 %"));
    c.entries.push_back(entry("border", "the wider the more messages"));
    c.entries.push_back(entry("wait", "messages that have come and are not taken yet"));
  }
  return c;
}

Column tour(const Tour& t, std::size_t number) {
  Column c{t.title, {}};
  for (const Step& step : t.steps) {
    if (step.what.empty()) continue;
    c.entries.push_back(chip(step, number) + text_cell("<b>" + html(step.from) + "</b>: " + html(step.what)));
  }
  return c;
}

std::string gap() {
  return "<td width=\"24\"></td>";
}

}  // namespace

std::string legend(const Registry& registry, const DotOptions& options) {
  std::vector<Column> columns{edges(static_cast<bool>(options.rate)), nodes(static_cast<bool>(options.load))};
  for (std::size_t i = 0; i < registry.tours().size(); ++i) columns.push_back(tour(registry.tours()[i], i));
  std::size_t rows = 0;
  std::string out = "<table border=\"0\" cellborder=\"0\" cellspacing=\"1\" cellpadding=\"1\"><tr>";
  for (const Column& c : columns) {
    rows = std::max(rows, c.entries.size());
    out += "<td colspan=\"2\" align=\"left\"><b>" + html(c.heading) + "</b></td>" + gap();
  }
  out += "</tr>";
  for (std::size_t row = 0; row < rows; ++row) {
    out += "<tr>";
    for (const Column& c : columns) out += (row < c.entries.size() ? c.entries[row] : entry("", "")) + gap();
    out += "</tr>";
  }
  return out + "</table>";
}

}  // namespace resflow::dot
