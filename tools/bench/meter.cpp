#include "tools/bench/meter.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/bench/loop.hpp"

namespace resflow::bench {

namespace {

constexpr double kMoments = 60;  // a run is divided into at most this many moments (parts, each with its figures)
// The shortest time that a moment lasts, in nanoseconds.
constexpr std::int64_t kShortest = kSecond / 10;

double per_second(double amount, std::int64_t ns) {
  return ns > 0 ? amount * 1e9 / static_cast<double>(ns) : 0;
}

double megabytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / (1024 * 1024);
}

}  // namespace

Meter::Meter(const Options& options, std::string unit)
    : unit_(std::move(unit)),
      pid_(options.gateway_pid),
      quiet_(options.quiet),
      moment_length_(std::max(kShortest, static_cast<std::int64_t>(options.seconds / kMoments * 1e9))) {}

ProcessUsage Meter::gateway() const {
  return pid_ == 0 ? ProcessUsage{} : usage_of(pid_);
}

void Meter::start(std::int64_t now) {
  loading_ = true;
  units_ = 0;
  started_ = now;
  moment_start_ = now;
  usage_at_start_ = gateway();
  moment_usage_ = usage_at_start_;
  own_cpu_ = own_cpu_ns();
}

void Meter::stop(std::int64_t now) {
  loading_ = false;
  if (now > moment_start_) end_moment(now);
  stopped_ = now;
  usage_at_stop_ = gateway();
  own_cpu_ = own_cpu_ns() - own_cpu_;
  say(0, "");
}

void Meter::tick(std::int64_t now) {
  if (loading_ && now - moment_start_ >= moment_length_) end_moment(now);
}

void Meter::end_moment(std::int64_t now) {
  const ProcessUsage usage = gateway();
  const std::int64_t length = now - moment_start_;
  Moment m;
  m.at = static_cast<double>(now - started_) / 1e9;
  m.per_second = per_second(static_cast<double>(units_ - moment_units_), length);
  m.p50 = static_cast<double>(moment_.quantile(0.5)) / 1e3;
  m.p99 = static_cast<double>(moment_.quantile(0.99)) / 1e3;
  m.cpu_cores = static_cast<double>(usage.cpu_ns - moment_usage_.cpu_ns) / static_cast<double>(length);
  m.rss_mb = megabytes(usage.rss_bytes);
  moments_.push_back(m);
  say(now, format_number(m.at) + " s: " + format_number(m.per_second) + ' ' + unit_ + "/s, p50 " +
               format_number(m.p50) + " us, p99 " + format_number(m.p99) + " us");
  moment_.clear();
  moment_start_ = now;
  moment_units_ = units_;
  moment_usage_ = usage;
}

// Shows the text on standard error as progress. On a terminal, the text replaces the previous one; elsewhere, each text
// is a line of its own.
void Meter::say(std::int64_t now, const std::string& text) {
  if (quiet_) return;
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (text.empty()) {
    if (terminal && said_ != 0) std::fputs("\r\033[K", stderr);
  } else if (now - said_ >= kSecond) {
    said_ = now;
    std::fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

void Meter::add_to(Report& r) const {
  const std::int64_t length = std::max<std::int64_t>(stopped_ - started_, 1);
  const auto units = static_cast<double>(units_);
  r.unit = unit_;
  r.add("seconds", static_cast<double>(length) / 1e9);
  r.add(unit_, units);
  r.add(unit_ + "_per_s", per_second(units, length));
  if (pid_ != 0) {
    const auto cpu = static_cast<double>(usage_at_stop_.cpu_ns - usage_at_start_.cpu_ns);
    if (units_ > 0) r.add("cpu_us_per_" + unit_.substr(0, unit_.size() - 1), cpu / 1e3 / units);
    r.add("cpu_cores", cpu / static_cast<double>(length));
    r.add("rss_mb_before", megabytes(usage_at_start_.rss_bytes));
    r.add("rss_mb", megabytes(usage_at_stop_.rss_bytes));
  }
  const double own = static_cast<double>(own_cpu_) / static_cast<double>(length);
  r.add("own_cpu_cores", own);
  if (own > 0.9) r.remarks.push_back("This program was busy all the time: the figures may be its own limit.");
  r.moments = moments_;
  for (const auto& [kind, histogram] : latencies_) {
    if (histogram.count() > 0) r.latencies.push_back(Latency::of(kind, histogram));
  }
}

}  // namespace resflow::bench
