#include "tools/bench/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace resflow::bench {

namespace {

double micros(double ns) {
  return ns / 1'000;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

// Returns the name of a figure for the table: "frames per s" for "frames_per_s".
std::string label(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string with_commas(std::string digits) {
  const std::size_t start = digits.starts_with('-') ? 1 : 0;
  for (std::size_t i = digits.size(); i > start + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

void append_latencies(std::string& out, const std::vector<Latency>& latencies, std::size_t width) {
  constexpr std::array<const char*, 7> heads{"count", "min", "p50", "p90", "p99", "p99.9", "max"};
  out += "\n  " + std::string("latency in us") + std::string(width - std::min<std::size_t>(width, 13), ' ');
  for (const char* head : heads) out += padded(head, 12);
  out += '\n';
  for (const Latency& l : latencies) {
    std::string name = label(l.name);
    name.resize(std::max(width, name.size()), ' ');
    out += "  " + name + padded(with_commas(std::to_string(l.count)), 12);
    for (const double value : {l.min, l.p50, l.p90, l.p99, l.p999, l.max}) out += padded(format_number(value), 12);
    out += '\n';
  }
}

}  // namespace

Latency Latency::of(std::string name, const Histogram& h) {
  Latency l;
  l.name = std::move(name);
  l.count = h.count();
  l.min = micros(static_cast<double>(h.min()));
  l.mean = micros(h.mean());
  const auto quantile = [&](double part) { return micros(static_cast<double>(h.quantile(part))); };
  l.p50 = quantile(0.5);
  l.p90 = quantile(0.9);
  l.p99 = quantile(0.99);
  l.p999 = quantile(0.999);
  l.max = micros(static_cast<double>(h.max()));
  for (const Histogram::Bucket& b : h.buckets()) l.buckets.emplace_back(micros(static_cast<double>(b.upper)), b.count);
  return l;
}

std::string format_number(double value) {
  const double size = std::fabs(value);
  std::array<char, 64> text{};
  if (size >= 1'000) {
    std::snprintf(text.data(), text.size(), "%.0f", value);
    return with_commas(text.data());
  }
  const char* format = size == std::floor(size) ? "%.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3g";
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string to_table(const Report& r) {
  std::string out = r.mode + " against " + r.url + ':';
  for (const auto& [name, value] : r.settings) out += ' ' + name + ' ' + value;
  out += "\n\n";
  std::size_t width = 20;
  for (const Figure& f : r.figures) width = std::max(width, f.name.size() + 2);
  for (const Figure& f : r.figures) {
    std::string name = label(f.name);
    name.resize(width, ' ');
    out += "  " + name + padded(format_number(f.value), 12) + '\n';
  }
  if (!r.latencies.empty()) append_latencies(out, r.latencies, width);
  for (const std::string& remark : r.remarks) out += "\n  " + remark;
  if (!r.remarks.empty()) out += '\n';
  return out;
}

}  // namespace resflow::bench
