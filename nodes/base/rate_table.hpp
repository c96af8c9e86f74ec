// Limits the rate of requests per sender: the table has a token bucket for each sender. A sender is identified by a
// text, such as its address. The table has room for `limit` senders. While it is full, all further senders share one
// bucket. A sender whose bucket is full again is removed, because a new bucket would be full as well.
//
// No I/O; owned by the admit node.
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

  // Returns the bucket of a sender, and adds the sender if it is new. If the table is full, returns the shared bucket
  // instead. The reference is valid until the next call of bucket().
  TokenBucket& bucket(std::string_view sender, Millis now) {
    if (const auto known = buckets_.find(sender); known != buckets_.end()) return known->second;
    forget_some(now);
    if (buckets_.size() >= limit_) return shared_;
    order_.emplace_back(sender);
    return buckets_.try_emplace(std::string(sender)).first->second;
  }

  std::size_t size() const { return buckets_.size(); }

 private:
  // Checks the next two senders in order_, and removes each sender whose bucket is full again. Called when a new sender
  // comes, so the table can lose two senders for each that it gains.
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
  std::deque<std::string> order_;  // all senders, in the order in which forget_some() checks them
  TokenBucket shared_;             // the bucket of all senders for which the table has no room
};

}  // namespace resflow
