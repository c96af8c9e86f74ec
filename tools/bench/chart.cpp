#include "tools/bench/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "tools/bench/report.hpp"

namespace resflow::bench {

namespace {

constexpr double kLeft = 80;
constexpr double kRight = 20;
constexpr double kTop = 40;
constexpr double kBottom = 30;
constexpr std::array<const char*, 6> kColours{"#1b6ca8", "#c8553d", "#4c956c", "#8e5572", "#b08900", "#5c6b73"};

struct Range {
  double low = 0;
  double high = 1;
};

// Returns the number that is drawn for a value on the y axis: the value itself, or its logarithm if the axis is
// logarithmic.
double y_value(const Chart& chart, double y) {
  return chart.log_y ? std::log10(std::max(y, 1.0)) : y;
}

Range x_range(const Chart& chart) {
  Range r{HUGE_VAL, -HUGE_VAL};
  for (const Series& s : chart.series) {
    for (const auto& [x, y] : s.points) r = {std::min(r.low, x), std::max(r.high, x)};
  }
  for (const Tick& t : chart.x_ticks) r = {std::min(r.low, t.at), std::max(r.high, t.at)};
  if (r.low > r.high) return {0, 1};
  return r.low < r.high ? r : Range{r.low, r.low + 1};
}

// Returns the distance between two horizontal grid lines: a round number, such that four distances reach up to `high`,
// the largest value, or a little further.
double round_step(double high) {
  const double power = std::pow(10.0, std::floor(std::log10(high / 4)));
  for (const double digits : {1.0, 2.0, 2.5, 5.0}) {
    if (digits * power * 4 >= high) return digits * power;
  }
  return 10 * power;
}

Range y_range(const Chart& chart) {
  Range r{chart.log_y ? HUGE_VAL : 0, 0};
  for (const Series& s : chart.series) {
    for (const auto& [x, y] : s.points) {
      r = {std::min(r.low, y_value(chart, y)), std::max(r.high, y_value(chart, y))};
    }
  }
  if (r.low > r.high) return {0, 1};
  if (chart.log_y) return {std::floor(r.low), std::max(std::ceil(r.high), std::floor(r.low) + 1)};
  return {0, r.high > 0 ? 4 * round_step(r.high) : 1};
}

// Converts values of a chart to coordinates of the SVG picture.
class Scale {
 public:
  Scale(const Chart& chart, double top) : chart_(chart), x_(x_range(chart)), y_(y_range(chart)), top_(top) {}

  double x(double value) const {
    return kLeft + (value - x_.low) / (x_.high - x_.low) * (kChartWidth - kLeft - kRight);
  }
  double y(double value) const {
    const double part = (y_value(chart_, value) - y_.low) / (y_.high - y_.low);
    return top_ + kChartHeight - kBottom - part * (kChartHeight - kTop - kBottom);
  }

  // Returns the values at which the chart has horizontal grid lines. On a logarithmic axis, these are the powers of
  // ten. On a linear axis, they are five values at equal distances.
  std::vector<double> y_ticks() const {
    std::vector<double> ticks;
    if (chart_.log_y) {
      for (double e = y_.low; e <= y_.high; ++e) ticks.push_back(std::pow(10.0, e));
    } else {
      for (int i = 0; i <= 4; ++i) ticks.push_back(y_.low + (y_.high - y_.low) * i / 4);
    }
    return ticks;
  }

 private:
  const Chart& chart_;
  Range x_;
  Range y_;
  double top_;
};

void draw_grid(std::ostream& out, const Chart& chart, const Scale& scale, double top) {
  out << "<text x=\"" << kLeft << "\" y=\"" << top + 18 << "\" class=\"title\">" << escape_xml(chart.title)
      << "</text>\n";
  for (const double tick : scale.y_ticks()) {
    const double y = scale.y(tick);
    out << "<line x1=\"" << kLeft << "\" y1=\"" << y << "\" x2=\"" << kChartWidth - kRight << "\" y2=\"" << y
        << "\" class=\"grid\"/>\n<text x=\"" << kLeft - 6 << "\" y=\"" << y + 4 << "\" class=\"left\">"
        << format_number(tick) << "</text>\n";
  }
  for (const Tick& tick : chart.x_ticks) {
    out << "<text x=\"" << scale.x(tick.at) << "\" y=\"" << top + kChartHeight - 10 << "\" class=\"below\">"
        << escape_xml(tick.text) << "</text>\n";
  }
}

void draw_series(std::ostream& out, const Series& series, const Scale& scale, const char* colour) {
  out << "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"" << colour << "\" points=\"";
  for (const auto& [x, y] : series.points) out << scale.x(x) << ',' << scale.y(y) << ' ';
  out << "\"/>\n";
}

}  // namespace

std::string escape_xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string draw(const Chart& chart, double top) {
  std::ostringstream out;
  out.precision(7);
  const Scale scale(chart, top);
  draw_grid(out, chart, scale, top);
  double name_x = kChartWidth - kRight;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const Series& s = chart.series[i];
    const char* colour = kColours[i % kColours.size()];
    draw_series(out, s, scale, colour);
    out << "<text x=\"" << name_x << "\" y=\"" << top + 18 << "\" class=\"left\" style=\"fill:" << colour << "\">"
        << escape_xml(s.name) << "</text>\n";
    name_x -= 12 + 7 * static_cast<double>(s.name.size());
  }
  return out.str();
}

}  // namespace resflow::bench
