// Runs simulated worlds, each from a seed of its own, and prints which of them went wrong. For the first wrong world,
// it prints a shrunk plan: the few actions that are needed to go wrong. With --capture, it writes what the gateways of
// that world got and sent to captures that resflow-replay plays.
//
// Exit code: 0 if no world went wrong and, in a run of 100 worlds or more, every kind of fault has happened; 1 if not;
// 2 if the command line is wrong.
#include <atomic>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/simulation/shrink.hpp"
#include "tests/simulation/world.hpp"

namespace {

using namespace resflow;
using namespace resflow::simulation;

struct Options {
  std::uint64_t seed = 1;
  std::size_t worlds = 1'000;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string capture;
};

struct Totals {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards the members below
  std::size_t comparisons = 0;
  std::size_t actions = 0;
  FaultCounts faults;
  std::vector<std::uint64_t> wrong;  // the seeds of the worlds that went wrong
};

thread_local std::uint64_t current_seed = 0;

// Prints the seed when a signal ends the process, as a failed assertion of the code under test does.
void say_seed(int signal) {
  std::fprintf(stderr, "\nthe world with --seed %llu --worlds 1 ended the process\n",
               static_cast<unsigned long long>(current_seed));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run_worlds(const Options& options, Totals& totals) {
  for (;;) {
    const std::size_t number = totals.next++;
    if (number >= options.worlds) return;
    current_seed = options.seed + number;
    const Plan plan = make_plan(current_seed);
    const Outcome outcome = World(plan).run();
    const std::lock_guard lock(totals.mutex);
    totals.comparisons += outcome.comparisons;
    totals.actions += outcome.actions;
    totals.faults += outcome.faults;
    if (outcome.oddities.empty()) continue;
    totals.wrong.push_back(current_seed);
    std::printf("seed %llu:\n", static_cast<unsigned long long>(current_seed));
    for (const std::string& what : outcome.oddities) std::printf("  %s\n", what.c_str());
    std::fflush(stdout);
  }
}

void shrink_first(const Options& options, std::uint64_t seed) {
  const Plan plan = shrink(make_plan(seed));
  const Outcome outcome = World(plan, options.capture).run();
  std::printf("seed %llu, shrunk to %zu actions, %zu gateways, %zu lanes:\n", static_cast<unsigned long long>(seed),
              plan.actions.size(), plan.gateways, plan.options.lanes);
  for (const Action& action : plan.actions) std::printf("  %s\n", action_name(action.kind));
  for (const std::string& what : outcome.oddities) std::printf("  %s\n", what.c_str());
}

bool print_faults(const FaultCounts& faults) {
  bool all = true;
  for (std::size_t i = 0; i < FaultCounts::kSize; ++i) {
    const std::uint64_t count = faults[static_cast<Fault>(i)];
    std::printf("%-34s %12llu\n", kFaultNames[i], static_cast<unsigned long long>(count));
    all = all && count > 0;
  }
  return all;
}

int run(const Options& options) {
  constexpr std::size_t enough = 100;  // in a run of at least so many worlds, each kind of fault must happen
  Totals totals;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.jobs; ++i) threads.emplace_back([&] { run_worlds(options, totals); });
  for (std::thread& thread : threads) thread.join();
  const bool all = print_faults(totals.faults);
  if (!totals.wrong.empty()) shrink_first(options, *std::min_element(totals.wrong.begin(), totals.wrong.end()));
  std::printf("simulation: %zu worlds, %zu actions, %zu comparisons, %zu wrong\n", options.worlds, totals.actions,
              totals.comparisons, totals.wrong.size());
  const bool missing = !all && options.worlds >= enough;
  if (missing) std::printf("some faults have never happened\n");
  return totals.wrong.empty() && !missing ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  Options options;
  po::options_description known(
      "Runs simulated worlds and says which of them go wrong.\n\nresflow_simulation [OPTIONS]");
  known.add_options()("help", "print this text")("seed", po::value(&options.seed), "seed of the first world")(
      "worlds", po::value(&options.worlds), "number of worlds, with seeds one after another")(
      "jobs", po::value(&options.jobs), "number of threads")(
      "capture", po::value(&options.capture), "write captures of the first wrong world to PREFIX0.jsonl and so on");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, known), values);
    po::notify(values);
    if (values.contains("help")) {
      std::ostringstream text;
      text << known;
      std::printf("%s", text.str().c_str());
      return 0;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "resflow_simulation: %s\n", e.what());
    return 2;
  }
  std::signal(SIGABRT, say_seed);
  std::signal(SIGSEGV, say_seed);
  return run(options);
}
