// A fixed amount of work a case, marked for callgrind: each case makes a dump of its own, named after it. Run by
// instructions_test.sh; alone it does the same work and measures nothing.
#include <valgrind/callgrind.h>

#include <cstdio>
#include <exception>

#include "tests/bench/cases.hpp"

namespace {

constexpr int kWarmUp = 5;  // steps: tables and buffers have grown to what they need, lazy symbols are bound

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
