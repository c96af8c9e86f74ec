// When things are due at a rate: the nth at start + n / rate, whatever came before. What is late is measured from the
// time it was due, so a stall counts against all that had to wait for it ("coordinated omission" would hide them).
//
// Pure. Units: nanoseconds of a clock that never goes back.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace resflow::bench {

class Pacer {
 public:
  // `rate` things a second for so long; 0: without a pace, where everything is due at once until the time is over.
  Pacer(double rate, std::int64_t start, std::int64_t length)
      : rate_(rate), start_(start), length_(length), planned_(plan(rate, length)) {}

  bool paced() const { return rate_ > 0; }
  std::int64_t start() const { return start_; }
  std::int64_t end() const { return start_ + length_; }

  // How many there are to be; without a pace, no end of them.
  std::uint64_t planned() const { return planned_; }

  // When the nth is due, counted from 0; without a pace, from the start.
  std::int64_t time_of(std::uint64_t n) const {
    return paced() ? start_ + static_cast<std::int64_t>(static_cast<double>(n) * 1e9 / rate_) : start_;
  }

  bool due(std::uint64_t n, std::int64_t now) const {
    if (!paced()) return now < end();
    return n < planned_ && now >= time_of(n);
  }

  // Whether nothing is due any more when `n` are done.
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
