// CPU time and memory of a process of this machine: the gateway's, and this one's own. Throws RunError when the process
// is gone.
#pragma once

#include <cstdint>

namespace resflow::bench {

struct ProcessUsage {
  std::int64_t cpu_ns = 0;  // of all its threads since it began
  std::int64_t rss_bytes = 0;
};

ProcessUsage usage_of(int pid);
std::int64_t own_cpu_ns();

}  // namespace resflow::bench
