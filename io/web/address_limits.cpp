#include "io/web/address_limits.hpp"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace resflow {

namespace {

// An address that has had no connection for this time is forgotten. By then, the address may again make as many new
// connections as a new address may, so forgetting it changes nothing.
constexpr std::uint64_t kSecondMs = 1'000;

}  // namespace

std::size_t AddressLimits::Hash::operator()(const IpAddress& address) const {
  return XXH3_64bits_withSeed(address.bytes().data(), address.bytes().size(), seed);
}

AddressLimits::AddressLimits(std::size_t connections, std::size_t rate, std::uint64_t seed, std::size_t max_addresses)
    : connections_(connections),
      rate_{static_cast<double>(rate), static_cast<double>(rate)},
      max_addresses_(max_addresses),
      accounts_(1),
      by_address_(0, Hash{seed}) {}

// Returns the largest `now_ms` of all calls so far, including this one. So time never goes back, although the callers
// are several lanes (threads of the gateway) whose clocks differ a little.
std::uint64_t AddressLimits::at(std::uint64_t now_ms) {
  return latest_ = std::max(latest_, now_ms);
}

AddressLimits::Check AddressLimits::count_in(const IpAddress& address, std::uint64_t lane_ms) {
  const std::uint64_t now_ms = at(lane_ms);
  forget_quiet(now_ms);
  Check check;
  check.account = account_of(address.customer_network(), now_ms);
  Account& account = accounts_[check.account];
  account.used = now_ms;
  ++account.connections;
  check.too_many = connections_ > 0 && account.connections > connections_;
  check.too_fast = rate_.rate > 0 && !account.bucket.take(rate_, static_cast<Millis>(now_ms));
  return check;
}

void AddressLimits::leave(AccountId id, std::uint64_t lane_ms) {
  const std::uint64_t now_ms = at(lane_ms);
  Account& account = accounts_[id];
  account.used = now_ms;
  if (--account.connections == 0 && id != kShared) quiet_.emplace_back(now_ms, id);
}

AddressLimits::AccountId AddressLimits::account_of(const IpAddress& address, std::uint64_t now_ms) {
  if (const auto known = by_address_.find(address); known != by_address_.end()) return known->second;
  if (by_address_.size() >= max_addresses_) return kShared;
  AccountId id = static_cast<AccountId>(accounts_.size());
  if (free_.empty()) {
    accounts_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  accounts_[id] = Account{address, 0, {}, now_ms};
  by_address_.emplace(address, id);
  return id;
}

// Forgets the addresses that have had no connection for a second. quiet_ lists them by the time at which their last
// connection left. If an address has connected again since, its entry is skipped; quiet_ gets a new entry when the
// address again has no connection.
void AddressLimits::forget_quiet(std::uint64_t now_ms) {
  while (!quiet_.empty() && now_ms - quiet_.front().first >= kSecondMs) {
    const AccountId id = quiet_.front().second;
    quiet_.pop_front();
    Account& account = accounts_[id];
    const auto known = by_address_.find(account.address);
    const bool is_known = known != by_address_.end() && known->second == id;
    if (!is_known || account.connections > 0 || now_ms - account.used < kSecondMs) continue;
    by_address_.erase(known);
    free_.push_back(id);
  }
}

}  // namespace resflow
