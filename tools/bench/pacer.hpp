// Computes when operations are due at a fixed rate. Operation n is due at start + n / rate, even if earlier operations
// were late. Latency counts from the time when an operation was due. So a stall adds to the latency of every operation
// that had to wait because of it. If latency counted from the time of sending, the report would hide these waits
// ("coordinated omission").
//
// Does not read the clock. Units: nanoseconds of a monotonic clock.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace resflow::bench {

class Pacer {
 public:
  // Plans `rate` operations a second, for the time `length` from `start` on. If `rate` is 0, operations have no fixed
  // times: every operation is due at once, until the time `length` is over.
  Pacer(double rate, std::int64_t start, std::int64_t length)
      : rate_(rate), start_(start), length_(length), planned_(plan(rate, length)) {}

  bool paced() const { return rate_ > 0; }
  std::int64_t start() const { return start_; }
  std::int64_t end() const { return start_ + length_; }

  // Returns how many operations are planned. Without a rate, there is no plan, and the result is the largest
  // std::uint64_t.
  std::uint64_t planned() const { return planned_; }

  // Returns when the nth operation is due. The first operation has n = 0. Without a rate, returns `start`.
  std::int64_t time_of(std::uint64_t n) const {
    return paced() ? start_ + static_cast<std::int64_t>(static_cast<double>(n) * 1e9 / rate_) : start_;
  }

  // Returns true if the nth operation is due at `now`.
  bool due(std::uint64_t n, std::int64_t now) const {
    if (!paced()) return now < end();
    return n < planned_ && now >= time_of(n);
  }

  // Returns true if nothing is left to do after `n` operations: with a rate, if all planned operations are done;
  // without a rate, if the time is over at `now`.
  bool over(std::uint64_t n, std::int64_t now) const { return paced() ? n >= planned_ : now >= end(); }

 private:
  static std::uint64_t plan(double rate, std::int64_t length) {
    if (rate <= 0) return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::ceil(rate * static_cast<double>(length) / 1e9));
  }

  double rate_;
  std::int64_t start_;
  std::int64_t length_;
  std::uint64_t planned_;
};

}  // namespace resflow::bench
