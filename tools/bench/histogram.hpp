// A histogram of durations. Between each power of two and the next, all buckets have the same width, as in the library
// HdrHistogram. So a value read from the histogram is wrong by less than one percent. The memory does not grow with the
// number of recorded values.
//
// Not safe for use by several threads at the same time. Unit: nanoseconds. A value below 0 is counted as 0, a value
// above kLargest as kLargest. The smallest and the largest recorded value are kept exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace resflow::bench {

class Histogram {
 public:
  static constexpr unsigned kSubBits = 7;                                // 2^7 buckets between 2^n and 2^(n+1)
  static constexpr std::int64_t kLargest = (std::int64_t{1} << 42) - 1;  // nanoseconds: 73 minutes

  struct Bucket {
    std::int64_t upper;  // the largest value that the bucket counts
    std::uint64_t count;
  };

  Histogram() : counts_(kBuckets) {}

  void record(std::int64_t ns, std::uint64_t times = 1);
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return max_; }
  double mean() const;

  // Returns a percentile. For `part` = 0.99, that is the value that 99% of the recorded values do not exceed. `part` is
  // from 0 to 1. Returns 0 if no values are recorded.
  std::int64_t quantile(double part) const;

  // Returns the buckets that are not empty, in ascending order.
  std::vector<Bucket> buckets() const;

 private:
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kBuckets = (42 - kSubBits + 1) * kSub;

  static std::size_t index_of(std::uint64_t value);
  static std::int64_t upper_of(std::size_t index);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace resflow::bench
