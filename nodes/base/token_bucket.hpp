// A rate with room for bursts: `rate` tokens a second flow in, up to `burst`; what is taken needs one. Time comes as an
// argument, in milliseconds. Pure.
#pragma once

#include <algorithm>
#include <cmath>

#include "nodes/base/time.hpp"

namespace resflow {

struct Rate {
  double rate = 0;  // a second; 0: no limit
  double burst = 1;
};

class TokenBucket {
 public:
  // Takes a token; false when there is none.
  bool take(const Rate& rate, Millis now) {
    fill(rate, now);
    if (tokens_ < 1) return false;
    --tokens_;
    return true;
  }

  // Until there is a token, at least a millisecond.
  Millis wait(const Rate& rate) const {
    return std::max<Millis>(1, static_cast<Millis>(std::ceil((1 - tokens_) / rate.rate * 1'000)));
  }

  // It says no more than a new one would.
  bool is_full(const Rate& rate, Millis now) {
    fill(rate, now);
    return tokens_ >= rate.burst;
  }

 private:
  void fill(const Rate& rate, Millis now) {
    if (filled_ < 0) {
      tokens_ = rate.burst;
    } else {
      tokens_ = std::min(rate.burst, tokens_ + static_cast<double>(now - filled_) * rate.rate / 1'000);
    }
    filled_ = now;
  }

  double tokens_ = 0;
  Millis filled_ = -1;  // when it was last filled; negative: never
};

}  // namespace resflow
