// The scenarios: each mode of the load tool resflow-bench is one scenario. A scenario prepares the run, puts the
// gateway under load, and adds its own figures to the report. Loop thread only.
#pragma once

#include <memory>
#include <string>

#include "tools/bench/run.hpp"

namespace resflow::bench {

class Scenario : public Listener {
 public:
  explicit Scenario(Run& run) : run_(run) {}

  // Does what comes before the load, such as subscribing. run_mode() calls this once all clients are connected.
  virtual void prepare() = 0;
  // Runs the load. Only this part is measured.
  virtual void load() = 0;
  // Adds the figures that only this mode has. The meter adds the figures that every mode has.
  virtual void add_to(Report&) const {}

  void event(std::size_t, std::string_view, std::int64_t) override {}
  void answer(std::size_t, const Pending&, const Answer&, std::int64_t) override {}

 protected:
  const Options& options() const { return run_.options(); }
  std::int64_t load_ns() const { return static_cast<std::int64_t>(options().seconds * 1e9); }

  Run& run_;
};

// Returns the name of what the mode counts, in the plural: "frames", "calls" or "resources".
std::string unit_of(Mode mode);

std::unique_ptr<Scenario> make_events_scenario(Run& run, bool spread);
std::unique_ptr<Scenario> make_calls_scenario(Run& run);
std::unique_ptr<Scenario> make_tree_scenario(Run& run);
std::unique_ptr<Scenario> make_idle_scenario(Run& run);
std::unique_ptr<Scenario> make_reset_scenario(Run& run);
std::unique_ptr<Scenario> make_mixed_scenario(Run& run);

// What run_mode() returns. `failure` says how many requests were answered with an error, and gives the first error; it
// is empty if there was none. `report` has figures in both cases.
struct Outcome {
  Report report;
  std::string failure;
};
// Runs the benchmark that `options.mode` selects, from beginning to end. Throws UsageError if the gateway's URL is
// malformed, or if the gateway or the NATS server is on another machine and --allow-remote is not given. Throws
// RunError if the benchmark cannot go on, for example because a connection is lost.
Outcome run_mode(const Options& options);

}  // namespace resflow::bench
