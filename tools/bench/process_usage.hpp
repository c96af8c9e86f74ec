// Reads the CPU time and memory of a process on this machine, and the CPU time of this program. Throws RunError if the
// process does not exist any more.
#pragma once

#include <cstdint>

namespace resflow::bench {

struct ProcessUsage {
  std::int64_t cpu_ns = 0;  // CPU time of all threads of the process, since the process began
  std::int64_t rss_bytes = 0;
};

ProcessUsage usage_of(int pid);
// Returns the CPU time of this program so far, in nanoseconds.
std::int64_t own_cpu_ns();

}  // namespace resflow::bench
