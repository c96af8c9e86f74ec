// A token bucket limits the rate of requests but permits bursts. A new bucket is full: it has `burst` tokens. Each
// request takes one token. `rate` tokens are added per second, up to `burst`. The bucket reads no clock: the caller
// passes the current time, in milliseconds.
#pragma once

#include <algorithm>
#include <cmath>

#include "nodes/base/time.hpp"

namespace resflow {

struct Rate {
  double rate = 0;   // tokens that are added per second; 0: no limit, so do not call take()
  double burst = 1;  // how many tokens the bucket can hold
};

class TokenBucket {
 public:
  // Takes one token, and returns true. If there is no token, returns false.
  bool take(const Rate& rate, Millis now) {
    fill(rate, now);
    if (tokens_ < 1) return false;
    --tokens_;
    return true;
  }

  // Returns how many milliseconds after the latest take() the next token is there, at least 1. Call this only if that
  // take() has returned false.
  Millis wait(const Rate& rate) const {
    return std::max<Millis>(1, static_cast<Millis>(std::ceil((1 - tokens_) / rate.rate * 1'000)));
  }

  // Returns true if the bucket is full. A full bucket behaves like a new bucket and need not be kept.
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
  Millis filled_ = -1;  // the time of the latest fill(); negative: never filled
};

}  // namespace resflow
