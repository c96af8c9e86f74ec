// How long something took, as a histogram: of a row of bounds, how many durations were at most that long. Pure; owned
// by the node or lane that observes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"

namespace resflow {

class Histogram {
 public:
  // From what a call within the machine takes to what nobody waits for any more. The last bucket has no bound.
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

  // Not cumulative.
  const std::array<std::uint64_t, kBuckets>& counts() const { return counts_; }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const std::uint64_t n : counts_) all += n;
    return all;
  }
  double seconds() const { return seconds_; }  // of all durations together

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  double seconds_ = 0;
};

}  // namespace resflow
