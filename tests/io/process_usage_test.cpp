#include "io/operator/process_usage.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <vector>

using namespace resflow;

TEST_CASE("Process usage: what this process uses") {
  const ProcessUsage usage = process_usage();
  CHECK(usage.cpu_seconds > 0);
  CHECK(usage.start_time_seconds > 1'500'000'000);
  CHECK(usage.start_time_seconds < static_cast<double>(std::time(nullptr)) + 60);
  CHECK(usage.resident_bytes > 1 << 20);
  CHECK(usage.virtual_bytes >= usage.resident_bytes);
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(usage.max_files == limit.rlim_cur);
}

TEST_CASE("Process usage: files are counted, processor time only grows") {
  const ProcessUsage before = process_usage();
  const std::vector<int> files{open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY)};
  const ProcessUsage with_files = process_usage();
  CHECK(with_files.open_files == before.open_files + 2);
  for (const int fd : files) ::close(fd);
  const ProcessUsage after = process_usage();
  CHECK(after.open_files == before.open_files);
  CHECK(after.cpu_seconds >= before.cpu_seconds);
  CHECK(after.start_time_seconds == before.start_time_seconds);
}
