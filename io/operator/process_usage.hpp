// Figures about this process, such as its memory and CPU time, as the operating system gives them (proc(5)).
// Prometheus's client libraries report the same figures. They are read anew for each request for metrics. Any thread.
#pragma once

#include <cstdint>

namespace resflow {

// A figure that cannot be read is 0.
struct ProcessUsage {
  double cpu_seconds = 0;         // CPU time of all threads, in user and system mode
  double start_time_seconds = 0;  // when the process started, in seconds since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;  // the limit on open files
};

ProcessUsage process_usage();

}  // namespace resflow
