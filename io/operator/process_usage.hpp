// What the system knows of this process (proc(5)), as Prometheus's client libraries tell it. Any thread.
#pragma once

#include <cstdint>

namespace resflow {

// What cannot be read is 0.
struct ProcessUsage {
  double cpu_seconds = 0;         // of all threads, user and system
  double start_time_seconds = 0;  // since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;
};

ProcessUsage process_usage();

}  // namespace resflow
