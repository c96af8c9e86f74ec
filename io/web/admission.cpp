#include "io/web/admission.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "io/random_number.hpp"

namespace resflow {

namespace {

// How many open files are reserved for everything except client connections: the metrics and admin pages, the
// connection to the services, captures (recordings of the traffic), certificate files.
constexpr std::size_t kReservedFiles = 128;
// The gateway starts only if the limit of open files is at least kFilesAtLeast, plus kFilesOfLane for each lane (thread
// of the gateway). Such a low limit can be below kReservedFiles; possible_connections() then reserves only half of it.
constexpr std::size_t kFilesAtLeast = 56;
constexpr std::size_t kFilesOfLane = 8;
// raise_file_limit() sets no higher limit than this one, even if the system permits it. For each file that the limit
// allows, libwebsockets needs 16 bytes in each lane. The library treats a limit above ten million as a mistake.
constexpr rlim_t kMaxFiles = 1 << 20;

// Sets the soft limit of open files to the hard limit, but not above kMaxFiles. Returns the limit that is in effect.
std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t wanted = std::min(limit.rlim_max, kMaxFiles);
  if (limit.rlim_cur != wanted) {
    const rlimit raised{wanted, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace

void demand_open_files(std::size_t lanes) {
  const std::size_t needed = kFilesAtLeast + kFilesOfLane * lanes;
  const std::size_t files = raise_file_limit();
  if (files >= needed) return;
  throw std::runtime_error("the limit of open files is " + std::to_string(files) + ", and at least " +
                           std::to_string(needed) + " are needed");
}

std::size_t possible_connections() {
  const std::size_t files = raise_file_limit();
  return files > 2 * kReservedFiles ? files - kReservedFiles : files / 2;
}

Admission::Admission(const AdmissionOptions& options, std::size_t possible) : options_(options), possible_(possible) {
  if (options.connections_per_address == 0 && options.connection_rate == 0) return;
  addresses_ =
      std::make_unique<AddressLimits>(options.connections_per_address, options.connection_rate, random_number());
}

Admission::Room Admission::take() {
  const std::size_t before = used_++;
  const bool over = options_.connections > 0 && before >= options_.connections;
  if (before < possible_ && (!over || options_.dry_run)) return over ? Room::over_limit : Room::yes;
  --used_;
  return Room::none;
}

AddressLimits::Check Admission::count_in(const IpAddress& address, std::uint64_t now_ms) {
  const std::lock_guard lock(mutex_);
  return addresses_->count_in(address, now_ms);
}

void Admission::leave(AddressLimits::AccountId account, std::uint64_t now_ms) {
  const std::lock_guard lock(mutex_);
  addresses_->leave(account, now_ms);
}

}  // namespace resflow
