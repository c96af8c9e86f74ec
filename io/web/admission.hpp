// Decides who may connect. All lanes have one budget of connections, since they share the files of the process, and the
// limits of what one address may have (address_limits.hpp). Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "io/web/address_limits.hpp"

namespace resflow {

struct AdmissionOptions {
  std::size_t connections = 0;              // at once; 0: as many as the files allow
  std::size_t connections_per_address = 0;  // 0: no limit
  std::size_t connection_rate = 0;          // new ones of an address in a second; 0: no limit
  bool dry_run = false;                     // limits above are counted, and nobody is refused
};

class Admission {
 public:
  // `possible`: as many connections as the process has files for.
  Admission(const AdmissionOptions& options, std::size_t possible);

  enum class Room : std::uint8_t { yes, over_limit, none };
  // A place for a connection: give_back() it, unless there is none. It is had over the limit in a dry run.
  Room take();
  void give_back() { --used_; }
  std::size_t used() const { return used_; }

  bool limits_addresses() const { return addresses_ != nullptr; }
  AddressLimits::Verdict come(const IpAddress& address, std::uint64_t now_ms);
  void leave(AddressLimits::Ticket ticket, std::uint64_t now_ms);
  bool dry_run() const { return options_.dry_run; }

 private:
  const AdmissionOptions options_;
  const std::size_t possible_;
  std::atomic<std::size_t> used_ = 0;
  std::mutex mutex_;                          // of addresses_
  std::unique_ptr<AddressLimits> addresses_;  // null: there are no such limits
};

// The connections that there are files for, when the soft limit has been raised to the hard one: the rest is for
// everything else, the operator's port among it.
std::size_t possible_connections();

}  // namespace resflow
