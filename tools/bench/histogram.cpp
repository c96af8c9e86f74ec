#include "tools/bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace resflow::bench {

void Histogram::record(std::int64_t ns, std::uint64_t times) {
  if (times == 0) return;
  const std::int64_t value = std::clamp<std::int64_t>(ns, 0, kLargest);
  counts_[index_of(static_cast<std::uint64_t>(value))] += times;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  count_ += times;
  sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  sum_ = 0;
  min_ = 0;
  max_ = 0;
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::quantile(double part) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(part, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(upper_of(i), min_, max_);
  }
  return max_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> all;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] > 0) all.push_back({upper_of(i), counts_[i]});
  }
  return all;
}

// Returns the index of the bucket that counts `value`. Each of the first 2 * kSub buckets counts a single value: 0, 1,
// 2 and so on. The buckets after them form groups of kSub buckets. In each group, a bucket is twice as wide as in the
// group before.
std::size_t Histogram::index_of(std::uint64_t value) {
  if (value < kSub) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
  return shift * kSub + (value >> shift);
}

std::int64_t Histogram::upper_of(std::size_t index) {
  if (index < 2 * kSub) return static_cast<std::int64_t>(index);
  const std::size_t shift = index / kSub - 1;
  const std::size_t top = index - shift * kSub;
  return static_cast<std::int64_t>(((top + 1) << shift) - 1);
}

}  // namespace resflow::bench
