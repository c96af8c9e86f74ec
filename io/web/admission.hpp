// Decides which clients may connect. All lanes (the gateway's threads, each with its own web server) share one limit
// for the number of connections, because they share the open files of the process. They also share the limits for each
// client address (address_limits.hpp). The web server of each lane asks Admission about each socket that it accepts.
// Any thread may use it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "io/web/address_limits.hpp"

namespace resflow {

struct AdmissionOptions {
  std::size_t connections = 0;              // most connections of all clients together; 0: as many as open files allow
  std::size_t connections_per_address = 0;  // how many connections one address may have at once; 0: no limit
  std::size_t connection_rate = 0;          // how many new connections one address may make in a second; 0: no limit
  bool dry_run = false;  // true: the server only counts connections above these limits, and does not refuse them
};

class Admission {
 public:
  // `possible`: how many client connections the process can have with its limit of open files (possible_connections()).
  Admission(const AdmissionOptions& options, std::size_t possible);

  enum class Room : std::uint8_t { yes, over_limit, none };
  // Reserves a place for a connection. Returns `yes`, or `none` if no place is left. In a dry run
  // (AdmissionOptions::dry_run), a connection above the configured limit gets a place, too, and take() returns
  // `over_limit`. After `yes` and `over_limit`, the caller must call give_back() when the connection ends.
  Room take();
  void give_back() { --used_; }
  std::size_t used() const { return used_; }

  bool limits_addresses() const { return addresses_ != nullptr; }
  // Counts a new connection of an address (AddressLimits::count_in). limits_addresses() must be true.
  AddressLimits::Check count_in(const IpAddress& address, std::uint64_t now_ms);
  // Stops counting one connection of an address (AddressLimits::leave). `account` is the id of that address's counter,
  // which count_in() has returned. limits_addresses() must be true.
  void leave(AddressLimits::AccountId account, std::uint64_t now_ms);
  bool dry_run() const { return options_.dry_run; }

 private:
  const AdmissionOptions options_;
  const std::size_t possible_;
  std::atomic<std::size_t> used_ = 0;
  std::mutex mutex_;                          // guards addresses_
  std::unique_ptr<AddressLimits> addresses_;  // null: addresses have no limits
};

// Raises the soft limit of open files to the hard limit. Throws std::runtime_error if this limit is too low for a
// gateway with `lanes` lanes (threads). Without this check, one of the libraries would fail later during the start,
// with an error message of its own.
void demand_open_files(std::size_t lanes);

// Raises the soft limit of open files to the hard limit. Returns how many client connections this limit allows. Some
// files are reserved for everything else, such as connections to the metrics and admin pages.
std::size_t possible_connections();

}  // namespace resflow
