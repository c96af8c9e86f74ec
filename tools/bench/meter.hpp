// What happens during the load, counted second by second: throughput and latency for the report's moments and for the
// line of progress on standard error; CPU time and memory of the gateway, and this program's own.
//
// Loop thread. Units: nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "tools/bench/histogram.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/process_usage.hpp"
#include "tools/bench/report.hpp"

namespace resflow::bench {

class Meter {
 public:
  // `unit` is what is counted, in the plural: "frames".
  Meter(const Options& options, std::string unit);

  // The load begins, and ends. What was counted before it is forgotten.
  void start(std::int64_t now);
  void stop(std::int64_t now);

  void count(std::uint64_t units = 1) { units_ += units; }
  // The latencies of some kind; record() has those of all kinds in the report's moments as well.
  Histogram& latency(const std::string& kind) { return latencies_[kind]; }
  void record(Histogram& kind, std::int64_t ns) {
    kind.record(ns);
    moment_.record(ns);
  }

  // Called often; takes a moment's figures when it is over.
  void tick(std::int64_t now);
  // Says on standard error what is going on, now and then; "" ends the line.
  void say(std::int64_t now, const std::string& text);

  // Adds the figures of all modes: units in all, a second, CPU time for each, memory; moments and latencies.
  void add_to(Report& report) const;

 private:
  void end_moment(std::int64_t now);
  ProcessUsage gateway() const;

  std::string unit_;
  int pid_;
  bool quiet_;
  bool loading_ = false;
  std::int64_t moment_length_;
  std::uint64_t units_ = 0;
  std::map<std::string, Histogram> latencies_;

  Histogram moment_;
  std::int64_t moment_start_ = 0;
  std::uint64_t moment_units_ = 0;  // at its start
  ProcessUsage moment_usage_;
  std::vector<Moment> moments_;

  std::int64_t started_ = 0;
  std::int64_t stopped_ = 0;
  ProcessUsage usage_at_start_;
  ProcessUsage usage_at_stop_;
  std::int64_t own_cpu_ = 0;
  std::int64_t said_ = 0;
};

}  // namespace resflow::bench
