// What a run has measured, as figures with names: printed as a table, kept as JSON, compared and drawn. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/bench/histogram.hpp"

namespace resflow::bench {

struct Figure {
  std::string name;  // as in JSON: frames_per_s
  double value = 0;
};

// Latencies of one kind, in microseconds.
struct Latency {
  std::string name;
  std::uint64_t count = 0;
  double min = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;
  std::vector<std::pair<double, std::uint64_t>> buckets;  // upper end and count

  static Latency of(std::string name, const Histogram& histogram);
};

// One stretch of the run.
struct Moment {
  double at = 0;  // seconds since the start, at its end
  double per_second = 0;
  double p50 = 0;  // microseconds
  double p99 = 0;
  double cpu_cores = 0;  // of the gateway; 0 when it is not measured
  double rss_mb = 0;
};

struct Report {
  std::string mode;
  std::string url;
  std::vector<std::pair<std::string, std::string>> settings;
  std::string unit;  // what is counted each second: "frames"
  std::vector<Figure> figures;
  std::vector<Latency> latencies;
  std::vector<Moment> moments;
  std::vector<std::string> remarks;

  void add(std::string name, double value) { figures.push_back({std::move(name), value}); }
};

boost::json::value to_json(const Report& report);

// Throws UsageError when the text is no report.
Report report_from_json(const std::string& text);

std::string to_table(const Report& report);

// A number with about four digits that mean something: 1,234,567, 12.35, 0.0123.
std::string format_number(double value);

}  // namespace resflow::bench
