// Draws a line chart as a part of an SVG picture. plot.cpp makes a picture of several charts, one below the other.
// Plain functions, without I/O.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace resflow::bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

// A label on the x axis.
struct Tick {
  double at = 0;
  std::string text;
};

struct Chart {
  std::string title;
  bool log_y = false;  // true: the y axis is logarithmic, and values below 1 are drawn as 1
  std::vector<Tick> x_ticks;
  std::vector<Series> series;
};

// Returns the chart as SVG elements, with its upper left corner at (0, top).
std::string draw(const Chart& chart, double top);

inline constexpr double kChartWidth = 800;
inline constexpr double kChartHeight = 240;

std::string escape_xml(const std::string& text);

}  // namespace resflow::bench
