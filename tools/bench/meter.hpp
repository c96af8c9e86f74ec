// Measures a benchmark run: its throughput and latency, the CPU time and memory of the gateway, and the CPU time of
// this program. The run is divided into moments (short parts of about the same length). The report and the progress
// line on standard error show the throughput and latency of each moment.
//
// Loop thread only. Units: nanoseconds.
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
  // `unit` names what is counted, in the plural, for example "frames".
  Meter(const Options& options, std::string unit);

  // start(): begins the measurement, and sets the count of units (frames, calls or resources) to 0. stop(): ends the
  // measurement.
  void start(std::int64_t now);
  void stop(std::int64_t now);

  void count(std::uint64_t units = 1) { units_ += units; }
  // latency(): returns the histogram for one kind of latency, for example "call". record(): adds a latency to such a
  // histogram, and to the histogram of the current moment (a short part of the run).
  Histogram& latency(const std::string& kind) { return latencies_[kind]; }
  void record(Histogram& kind, std::int64_t ns) {
    kind.record(ns);
    moment_.record(ns);
  }

  // Begins a new moment (a short part of the run) if the current one has lasted long enough. Run calls this in every
  // iteration of the event loop.
  void tick(std::int64_t now);
  // Shows `text` as progress on standard error. Ignores a text that comes less than a second after the last shown text.
  // An empty text removes the progress line.
  void say(std::int64_t now, const std::string& text);

  // Adds to the report what every mode measures: the number of units (frames, calls or resources), units a second, CPU
  // time for each unit, memory, and latencies. Also adds the throughput, latency, CPU use and memory in each moment (a
  // short part of the run).
  void add_to(Report& report) const;

 private:
  void end_moment(std::int64_t now);
  ProcessUsage gateway() const;

  std::string unit_;
  int pid_;
  bool quiet_;
  // True between start() and stop().
  bool loading_ = false;
  std::int64_t moment_length_;
  std::uint64_t units_ = 0;
  std::map<std::string, Histogram> latencies_;

  Histogram moment_;
  std::int64_t moment_start_ = 0;
  std::uint64_t moment_units_ = 0;  // units_ at the start of the moment
  ProcessUsage moment_usage_;
  std::vector<Moment> moments_;

  std::int64_t started_ = 0;
  std::int64_t stopped_ = 0;
  ProcessUsage usage_at_start_;
  ProcessUsage usage_at_stop_;
  // Before stop(): the CPU time of this program at start(). After stop(): the CPU time of this program from start() to
  // stop().
  std::int64_t own_cpu_ = 0;
  // When say() showed progress last.
  std::int64_t said_ = 0;
};

}  // namespace resflow::bench
