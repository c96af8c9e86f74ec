#include "tools/bench/process_usage.hpp"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

namespace {

RunError gone(int pid) {
  return RunError("there is no process " + std::to_string(pid) + " to measure");
}

std::int64_t read_clock(clockid_t clock, int pid) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) throw gone(pid);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Returns the resident memory of the process in bytes. It is the second number in /proc/PID/statm, which counts pages
// (proc(5)).
std::int64_t resident_bytes(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  if (!(file >> total >> resident)) throw gone(pid);
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

// Reads the CPU clock of the process instead of /proc/PID/stat, because /proc/PID/stat is less exact: it counts
// hundredths of a second.
ProcessUsage usage_of(int pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) throw gone(pid);
  return {read_clock(clock, pid), resident_bytes(pid)};
}

std::int64_t own_cpu_ns() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID, getpid());
}

}  // namespace resflow::bench
