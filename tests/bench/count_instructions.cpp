// Runs a fixed amount of work for each case and marks it for callgrind, which writes one dump for each case, named
// after the case. instructions_test.sh runs this program under valgrind. Without valgrind it does the same work and
// measures nothing.
#include <valgrind/callgrind.h>

#include <cstdio>
#include <exception>

#include "tests/bench/cases.hpp"

namespace {

// steps before the measurement: tables and buffers reach their final size, lazy symbols get bound
constexpr int kWarmUp = 5;

void count(const resflow::bench::Case& one) {
  const resflow::bench::Step step = one.prepare();
  for (int i = 0; i < kWarmUp; ++i) step();
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  for (std::uint64_t i = 0; i < one.steps; ++i) step();
  CALLGRIND_DUMP_STATS_AT(one.name.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
}

}  // namespace

int main() {
  try {
    for (const resflow::bench::Case& one : resflow::bench::all_cases()) {
      count(one);
      std::printf("%s %llu\n", one.name.c_str(), static_cast<unsigned long long>(one.steps));
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
