// Pieces of DOT: quoted texts, HTML-like labels, colours. Used by graph/dot*.cpp only. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "graph/dot.hpp"

namespace resflow::dot {

// Of a group: what is drawn within it, and the edges that begin there.
struct Colours {
  std::string_view area;
  std::string_view line;
};
const Colours& colours(std::size_t group);
inline constexpr std::string_view kWorldLine = "#3b4450";
inline constexpr std::string_view kWorldArea = "#e4e7eb";

std::string quoted(std::string_view text);
// For HTML-like labels.
std::string html(std::string_view text);
std::string small(std::string_view text);
// A text for ids and classes: letters, digits and hyphens.
std::string slug(std::string_view text);

// The sign of a step: its number on a coloured ground.
std::string chip(const Step& step, std::size_t tour);

// `1,234/s, 5.6 % of the time, 7 wait`, and the look that goes with it.
std::string words(const NodeLoad& load);
std::string look(const NodeLoad& load);

// The same of an edge, by its messages a second: `1,234/s`, and how wide it is.
std::string words(double rate);
std::string look(double rate, bool bold);

// What lines, borders, numbers and colours mean.
std::string legend(const Registry& registry, const DotOptions& options);

}  // namespace resflow::dot
