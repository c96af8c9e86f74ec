#include "io/operator/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace resflow {

namespace {

// Some fields of the file /proc/self/stat. The field numbers below are those of the manual page proc(5).
struct Stat {
  std::uint64_t start_ticks = 0;     // field 22, in clock ticks since the system was started
  std::uint64_t virtual_bytes = 0;   // field 23
  std::uint64_t resident_pages = 0;  // field 24
};

// Reads /proc/self/stat. Field 2 is the name of the program in parentheses, and may contain anything. So this function
// counts the fields from the last parenthesis.
Stat read_stat() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  Stat stat;
  fields >> stat.start_ticks >> stat.virtual_bytes >> stat.resident_pages;
  return stat;
}

// Returns when the system was started, in seconds since 1970; 0 if that cannot be read.
std::uint64_t boot_time() {
  std::ifstream in("/proc/stat");
  for (std::string key; in >> key; in.ignore(1 << 20, '\n')) {
    std::uint64_t seconds = 0;
    if (key == "btime" && in >> seconds) return seconds;
  }
  return 0;
}

std::uint64_t count_open_files() {
  std::error_code ec;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", ec), end; !ec && it != end; it.increment(ec)) ++count;
  return count > 0 ? count - 1 : 0;  // minus one for /proc/self/fd, which is itself open during the count
}

double cpu_seconds() {
  timespec t{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) return 0;
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

ProcessUsage process_usage() {
  const Stat stat = read_stat();
  ProcessUsage usage;
  usage.cpu_seconds = cpu_seconds();
  usage.start_time_seconds = static_cast<double>(boot_time()) +
                             static_cast<double>(stat.start_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.resident_bytes = stat.resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  usage.virtual_bytes = stat.virtual_bytes;
  usage.open_files = count_open_files();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_files = limit.rlim_cur;
  return usage;
}

}  // namespace resflow
