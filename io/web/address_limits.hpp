// Counts the connections of each client address. Limits how many connections an address may have at once, and how many
// new connections it may make in a second. An address here means a whole IPv4 address, or the first 64 bits of an IPv6
// address: an Internet provider gives one customer all addresses that begin with these 64 bits. Each address has an
// account, a record that counts its connections. Admission (admission.hpp) uses this class. Has no clock: the time
// comes as an argument, in milliseconds. Only one thread at a time may use an object.
//
// Bound: the table holds kMaxAddresses addresses. When it is full, all further addresses use one account together, so
// together they have the limits of one address. The table forgets an address that has had no connection for a second.
// The hash of the table has a random seed, so that an attacker cannot choose addresses that collide.
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

  // `connections`: how many connections an address may have at once. `rate`: how many new connections an address may
  // make in a second; all of them may come at the same moment. For both, 0 means no limit.
  AddressLimits(std::size_t connections, std::size_t rate, std::uint64_t seed,
                std::size_t max_addresses = kMaxAddresses);

  // The number of an account (the record that counts the connections of an address). count_in() returns this number,
  // and the caller must later pass it to leave().
  using AccountId = std::uint32_t;

  struct Check {
    AccountId account = 0;
    bool too_many = false;  // with this connection, the address has more connections than it may have at once
    bool too_fast = false;  // the address has had more new connections than `rate` allows
  };

  // Counts a new connection of an address, and says whether the address is above a limit. Counts a connection above a
  // limit as well, so the caller must call leave() even for a connection that it refuses. But a connection above `rate`
  // uses up nothing of the rate: a client that connects too often can still make `rate` connections in each second.
  Check count_in(const IpAddress& address, std::uint64_t lane_ms);
  // Stops counting one connection of the address that this account belongs to.
  void leave(AccountId account, std::uint64_t lane_ms);

  std::size_t addresses() const { return by_address_.size(); }

 private:
  struct Account {
    IpAddress address;
    std::size_t connections = 0;
    TokenBucket bucket;
    std::uint64_t used = 0;  // ms, time when a connection of the address last came or left
  };
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const IpAddress& address) const;
  };

  static constexpr AccountId kShared = 0;

  // Returns the largest `now_ms` of all calls so far, including this one. So time never goes back.
  std::uint64_t at(std::uint64_t now_ms);
  AccountId account_of(const IpAddress& address, std::uint64_t now_ms);
  void forget_quiet(std::uint64_t now_ms);

  std::uint64_t latest_ = 0;  // ms, the largest `now_ms` of all calls of at()
  std::size_t connections_;
  Rate rate_;
  std::size_t max_addresses_;
  // The accounts, by their number. Account kShared counts the connections of all addresses that came while the table
  // was full.
  std::vector<Account> accounts_;
  // The numbers of the accounts in accounts_ that no address uses. New addresses get these numbers first.
  std::vector<AccountId> free_;
  boost::unordered_flat_map<IpAddress, AccountId, Hash> by_address_;
  // The accounts whose last connection has left, each with the time in ms at which that connection left. The earliest
  // time comes first. An entry is out of date if the account has had another connection after that time.
  std::deque<std::pair<std::uint64_t, AccountId>> quiet_;
};

}  // namespace resflow
