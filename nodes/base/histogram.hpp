// A histogram of durations, for metrics: it counts how many durations fall into each of 17 ranges (buckets), and adds
// up all durations. No I/O; only the thread of its owner may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"

namespace resflow {

class Histogram {
 public:
  // Upper bounds of the first 16 buckets, in nanoseconds: from 0.1 ms (a call within one machine) to 10 s (longer than
  // any client waits). A duration equal to a bound belongs to that bucket. The last bucket counts all longer durations.
  static constexpr std::array<Nanos, 16> kBounds{
      100'000,    250'000,     500'000,     1'000'000,   2'500'000,     5'000'000,     10'000'000,    25'000'000,
      50'000'000, 100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void observe(Nanos duration) {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && duration > kBounds[bucket]) ++bucket;
    ++counts_[bucket];
    seconds_ += static_cast<double>(duration) * 1e-9;
  }

  Histogram& operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    seconds_ += other.seconds_;
    return *this;
  }

  // How many durations each bucket has. A duration counts in one bucket only; the numbers are not cumulative.
  const std::array<std::uint64_t, kBuckets>& counts() const { return counts_; }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const std::uint64_t n : counts_) all += n;
    return all;
  }
  double seconds() const { return seconds_; }  // the sum of all durations

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  double seconds_ = 0;
};

}  // namespace resflow
