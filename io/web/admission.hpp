// Decides which clients may connect. All lanes share one budget of connections, because they share the open files of
// the process. They also share the limits for client addresses (address_limits.hpp). The web servers of the lanes call
// it for each socket that they accept. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "io/web/address_limits.hpp"

namespace resflow {

struct AdmissionOptions {
  std::size_t connections = 0;              // at once, of all clients; 0: as many as the limit of open files allows
  std::size_t connections_per_address = 0;  // at once, of one address; 0: no limit
  std::size_t connection_rate = 0;          // new connections of one address in a second; 0: no limit
  bool dry_run = false;                     // connections above these limits are only counted, not refused
};

class Admission {
 public:
  // `possible`: how many connections the open files of the process allow.
  Admission(const AdmissionOptions& options, std::size_t possible);

  enum class Room : std::uint8_t { yes, over_limit, none };
  // Takes a place for a connection. The caller must return it with give_back(), unless the result is `none`. The result
  // `over_limit` occurs only in a dry run: the place is taken although the limit is exceeded.
  Room take();
  void give_back() { --used_; }
  std::size_t used() const { return used_; }

  bool limits_addresses() const { return addresses_ != nullptr; }
  // Count the connections of an address, as in AddressLimits. They may be called only if limits_addresses() is true.
  AddressLimits::Check count_in(const IpAddress& address, std::uint64_t now_ms);
  void leave(AddressLimits::AccountId account, std::uint64_t now_ms);
  bool dry_run() const { return options_.dry_run; }

 private:
  const AdmissionOptions options_;
  const std::size_t possible_;
  std::atomic<std::size_t> used_ = 0;
  std::mutex mutex_;                          // guards addresses_
  std::unique_ptr<AddressLimits> addresses_;  // null: addresses have no limits
};

// Raises the soft limit of open files to the hard one. Returns how many client connections there are files for. Some
// files are reserved for everything else, such as the operator's port.
std::size_t possible_connections();

}  // namespace resflow
