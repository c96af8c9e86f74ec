// The micro-benchmarks. Usage: resflow_micro_bench --benchmark_filter=parse
#include <benchmark/benchmark.h>

#include "tests/bench/cases.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const resflow::bench::Case& one : resflow::bench::all_cases()) {
    benchmark::RegisterBenchmark(one.name.c_str(), [prepare = one.prepare](benchmark::State& state) {
      const resflow::bench::Step step = prepare();
      for ([[maybe_unused]] auto _ : state) step();
    });
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
