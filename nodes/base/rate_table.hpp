// Rates of many senders, each known by a text that others choose. Bounded: when the table is full, newcomers share one
// bucket. A sender whose bucket is full again is forgotten, since a new one would be told the same.
//
// Pure; owned by Admit.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "nodes/base/text_hash.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

class RateTable {
 public:
  RateTable(Rate rate, std::size_t limit) : rate_(rate), limit_(limit) {}

  // Valid until the next call.
  TokenBucket& bucket(std::string_view sender, Millis now) {
    if (const auto known = buckets_.find(sender); known != buckets_.end()) return known->second;
    forget_some(now);
    if (buckets_.size() >= limit_) return shared_;
    order_.emplace_back(sender);
    return buckets_.try_emplace(std::string(sender)).first->second;
  }

  std::size_t size() const { return buckets_.size(); }

 private:
  // Looks at two for each that comes, so the table gets smaller when it can.
  void forget_some(Millis now) {
    for (int n = 0; n < 2 && !order_.empty(); ++n) {
      std::string sender = std::move(order_.front());
      order_.pop_front();
      const auto known = buckets_.find(sender);
      if (known->second.is_full(rate_, now)) {
        buckets_.erase(known);
      } else {
        order_.push_back(std::move(sender));
      }
    }
  }

  Rate rate_;
  std::size_t limit_;
  boost::unordered_flat_map<std::string, TokenBucket, TextHash, std::equal_to<>> buckets_;
  std::deque<std::string> order_;  // the senders, in the order in which they are looked at
  TokenBucket shared_;
};

}  // namespace resflow
