// The report of a benchmark run: the settings, the measured figures (each with a name), the latencies, and remarks.
// Plain data. The code that compares it with another report or draws it is in other source files (compare.hpp,
// plot.hpp).
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/bench/histogram.hpp"

namespace resflow::bench {

struct Figure {
  std::string name;  // the name as in the JSON report, for example frames_per_s
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
  // The buckets of the histogram. first: the largest value that the bucket counts, in microseconds; second: how many
  // values the bucket has counted.
  std::vector<std::pair<double, std::uint64_t>> buckets;

  static Latency of(std::string name, const Histogram& histogram);
};

// The figures of one moment, which is a short part of the run.
struct Moment {
  double at = 0;  // when the moment ended, in seconds since the start of the load
  // How many units (frames, calls or resources) a second were counted in this moment.
  double per_second = 0;
  double p50 = 0;  // p50, p99: percentiles of the latency in microseconds
  double p99 = 0;
  double cpu_cores = 0;  // how many cores the gateway used in this moment, on average; 0: not measured
  double rss_mb = 0;
};

struct Report {
  std::string mode;
  std::string url;
  std::vector<std::pair<std::string, std::string>> settings;
  std::string unit;  // name of what is counted, in the plural, for example "frames"
  std::vector<Figure> figures;
  std::vector<Latency> latencies;
  std::vector<Moment> moments;
  std::vector<std::string> remarks;

  void add(std::string name, double value) { figures.push_back({std::move(name), value}); }
};

boost::json::value to_json(const Report& report);

// Reads a report. Throws UsageError if the text is not a report of this program.
Report report_from_json(const std::string& text);

std::string to_table(const Report& report);

// Formats a number for people. Rounds it to a whole number if it is 1,000 or more, otherwise to three or four
// significant digits. Examples: "1,234,567"; "12.35"; "0.0123".
std::string format_number(double value);

}  // namespace resflow::bench
