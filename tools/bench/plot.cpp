#include "tools/bench/plot.hpp"

#include <cmath>

#include "tools/bench/chart.hpp"

namespace resflow::bench {

namespace {

std::vector<Tick> time_ticks(const Report& r) {
  const double end = r.moments.empty() ? 1 : r.moments.back().at;
  std::vector<Tick> ticks;
  for (int i = 0; i <= 4; ++i) ticks.push_back({end * i / 4, format_number(end * i / 4) + " s"});
  return ticks;
}

template <typename Value>
Series over_time(const Report& r, std::string name, Value value) {
  Series s{std::move(name), {}};
  for (const Moment& m : r.moments) s.points.emplace_back(m.at, value(m));
  return s;
}

// Returns the position of a percentile on the x axis: 0 for 0%, 1 for 90%, 2 for 99%, 3 for 99.9%. So the few slow
// values get enough room. `part` is the percentile, from 0 to 1.
double stretched(double part) {
  return -std::log10(1 - part);
}

// Returns the curve of the latency at each percentile.
Series by_part(const Latency& l) {
  Series s{l.name, {}};
  std::uint64_t seen = 0;
  const auto count = static_cast<double>(l.count);
  for (const auto& [upper, n] : l.buckets) {
    seen += n;
    // The largest value belongs to 100%, which would be infinitely far to the right on the x axis (the axis of
    // percentiles). So it is drawn at 1 - 0.5 / count instead, where `count` is the number of values.
    const double part = std::min(static_cast<double>(seen) / count, 1 - 0.5 / count);
    s.points.emplace_back(stretched(part), upper);
  }
  return s;
}

Chart parts_chart(const Report& r) {
  Chart chart{"latency in us by part of all", true, {}, {}};
  double most = 1;
  for (const Latency& l : r.latencies) {
    if (l.count == 0) continue;
    chart.series.push_back(by_part(l));
    most = std::max(most, chart.series.back().points.back().first);
  }
  chart.x_ticks.push_back({0, "0"});
  chart.x_ticks.push_back({stretched(0.5), "50%"});
  std::string text = "90%";
  for (int nines = 1; nines <= most; ++nines) {
    chart.x_ticks.push_back({static_cast<double>(nines), text});
    text = nines == 1 ? "99%" : nines == 2 ? "99.9%" : text.substr(0, text.size() - 1) + "9%";
  }
  return chart;
}

}  // namespace

std::string to_svg(const Report& r) {
  std::vector<Chart> charts;
  charts.push_back({r.unit + " a second", false, time_ticks(r), {}});
  charts.back().series.push_back(over_time(r, r.unit, [](const Moment& m) { return m.per_second; }));
  charts.push_back({"latency in us over time", true, time_ticks(r), {}});
  charts.back().series.push_back(over_time(r, "p50", [](const Moment& m) { return m.p50; }));
  charts.back().series.push_back(over_time(r, "p99", [](const Moment& m) { return m.p99; }));
  charts.push_back(parts_chart(r));

  const std::string height = std::to_string(static_cast<int>(30 + kChartHeight * static_cast<double>(charts.size())));
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 " + height +
      "\" font-family=\"sans-serif\" font-size=\"11\">\n<style>.title{font-weight:bold}.left{text-anchor:end}"
      ".below{text-anchor:middle}.grid{stroke:#ddd}</style>\n<rect width=\"800\" height=\"" +
      height + "\" fill=\"#fff\"/>\n<text x=\"10\" y=\"20\" font-size=\"14\">" + escape_xml(r.mode + ", " + r.url);
  for (const auto& [name, value] : r.settings) out += escape_xml(", " + name + ' ' + value);
  out += "</text>\n";
  double top = 30;
  for (const Chart& chart : charts) {
    out += draw(chart, top);
    top += kChartHeight;
  }
  return out + "</svg>\n";
}

}  // namespace resflow::bench
