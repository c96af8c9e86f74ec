// How many connections an address has, and how many new ones in a second. An address is that of a subscriber: IPv4, or
// 64 bits of IPv6. Pure: the time comes as an argument, in milliseconds. One thread at a time.
//
// Bound: kMaxAddresses. When so many are known, newcomers are counted together, as if they were one address: who floods
// the table with addresses is kept to what one may have. An address is forgotten when it has no connection and has been
// quiet for a second. The hash has a seed, so nobody can choose addresses that collide.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "io/ip_address.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

class AddressLimits {
 public:
  static constexpr std::size_t kMaxAddresses = 65'536;

  // 0: no limit. `rate`: new connections in a second, all of which may come at once.
  AddressLimits(std::size_t connections, std::size_t rate, std::uint64_t seed,
                std::size_t max_addresses = kMaxAddresses);

  // Whom a connection was counted for.
  using Ticket = std::uint32_t;

  struct Verdict {
    Ticket ticket = 0;
    bool too_many = false;  // with this one, more connections than the limit
    bool too_fast = false;
  };

  // A connection, which is counted whatever the verdict; leave() ends that. One that is too fast uses nothing up.
  Verdict come(const IpAddress& address, std::uint64_t lane_ms);
  void leave(Ticket ticket, std::uint64_t lane_ms);

  std::size_t addresses() const { return by_address_.size(); }

 private:
  struct Account {
    IpAddress address;
    std::size_t connections = 0;
    TokenBucket bucket;
    std::uint64_t used = 0;  // when somebody came or left
  };
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const IpAddress& address) const;
  };

  static constexpr Ticket kShared = 0;

  std::uint64_t at(std::uint64_t now_ms);
  Ticket account_of(const IpAddress& address, std::uint64_t now_ms);
  void forget_quiet(std::uint64_t now_ms);

  std::uint64_t latest_ = 0;  // ms
  std::size_t connections_;
  Rate rate_;
  std::size_t max_addresses_;
  std::vector<Account> accounts_;  // by ticket; the first one is that of newcomers when the table is full
  std::vector<Ticket> free_;
  boost::unordered_flat_map<IpAddress, Ticket, Hash> by_address_;
  std::deque<std::pair<std::uint64_t, Ticket>> quiet_;  // those that came to have no connection, and when
};

}  // namespace resflow
