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

// What run_mode() returns. `failure` says what the gateway or the service did wrong; it is empty if all went well.
// `report` has figures in both cases.
struct Outcome {
  Report report;
  std::string failure;
};
// Runs a mode from beginning to end. Throws UsageError for a wrong address or one that is not allowed, and RunError if
// the gateway, NATS or a service fails.
Outcome run_mode(const Options& options);

}  // namespace resflow::bench
