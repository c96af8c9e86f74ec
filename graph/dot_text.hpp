// Makes the parts of DOT text: quoted texts, HTML-like labels, colors. Used only by graph/dot*.cpp. Any thread may call
// these functions.
#pragma once

#include <string>
#include <string_view>

#include "graph/dot.hpp"

namespace resflow::dot {

// The colors of a group of nodes. `area`: the area behind the nodes. `line`: the edges that begin at the nodes.
struct Colours {
  std::string_view area;
  std::string_view line;
};
const Colours& colours(std::size_t group);
inline constexpr std::string_view kWorldLine = "#3b4450";
inline constexpr std::string_view kWorldArea = "#e4e7eb";

// Returns the text as a quoted DOT string.
std::string quoted(std::string_view text);
// Returns the text escaped for HTML-like labels.
std::string html(std::string_view text);
// Returns the text as one more line of an HTML-like label, in a small font.
std::string small(std::string_view text);
// Turns the text into a word for ids and classes of the SVG: each character that is not a letter or digit becomes a
// hyphen.
std::string slug(std::string_view text);

// Returns the sign for a step of a tour (an example path through the graph): a table cell with the number of the step,
// in the color of the tour. `tour` is the index of the tour.
std::string chip(const Step& step, std::size_t tour);

// words(): describes the load of a node, for example `1,234/s, 5.6 % of the time, 7 wait`. look(): returns the DOT
// attributes for that load: fill color and border width.
std::string words(const NodeLoad& load);
std::string look(const NodeLoad& load);

// words(): describes the messages per second of an edge, for example `1,234/s`. look(): returns the DOT attribute for
// the line width. `bold` is true for edges from or to clients and services, which are drawn wider.
std::string words(double rate);
std::string look(double rate, bool bold);

// Returns the legend, which explains lines, borders, numbers and colors. Defined in dot_legend.cpp.
std::string legend(const Registry& registry, const DotOptions& options);

}  // namespace resflow::dot
