#include "tools/bench/compare.hpp"

#include <algorithm>
#include <optional>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

namespace {

// Returns all numbers of a report, each with a name. The percentiles of a latency get names such as "call_p99_us".
std::vector<Figure> all_figures(const Report& r) {
  std::vector<Figure> all = r.figures;
  for (const Latency& l : r.latencies) {
    for (const auto& [name, value] : {std::pair("p50", l.p50), std::pair("p90", l.p90), std::pair("p99", l.p99),
                                      std::pair("p999", l.p999), std::pair("max", l.max)}) {
      all.push_back({l.name + '_' + name + "_us", value});
    }
  }
  return all;
}

std::optional<double> find(const std::vector<Figure>& figures, const std::string& name) {
  const auto it = std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == name; });
  return it == figures.end() ? std::nullopt : std::optional(it->value);
}

void append_row(std::string& out, std::string name, const std::string& a, const std::string& b,
                const std::string& ratio) {
  name.resize(std::max<std::size_t>(28, name.size()), ' ');
  out += "  " + name;
  for (const std::string& cell : {a, b, ratio}) {
    out += std::string(cell.size() < 14 ? 14 - cell.size() : 1, ' ') + cell;
  }
  out += '\n';
}

// Returns a line for each setting that differs between the two runs.
std::string differences(const Report& a, const Report& b) {
  std::string out;
  for (const auto& [name, value] : a.settings) {
    for (const auto& [other_name, other] : b.settings) {
      if (other_name == name && other != value) out += "  not alike: " + name + ' ' + value + " and " + other + '\n';
    }
  }
  return out;
}

}  // namespace

std::string compare(const Report& a, const Report& b) {
  if (a.mode != b.mode) throw UsageError("the modes differ: " + a.mode + " and " + b.mode);
  std::string out = a.mode + ": A " + a.url + ", B " + b.url + '\n' + differences(a, b) + '\n';
  append_row(out, "", "A", "B", "B / A");
  const std::vector<Figure> others = all_figures(b);
  for (const Figure& f : all_figures(a)) {
    const auto other = find(others, f.name);
    if (!other) continue;
    append_row(out, f.name, format_number(f.value), format_number(*other),
               f.value == 0 ? "-" : format_number(*other / f.value));
  }
  return out;
}

}  // namespace resflow::bench
