// What the modes do: get ready, put the gateway under load, and say what they found.
#pragma once

#include <memory>
#include <string>

#include "tools/bench/run.hpp"

namespace resflow::bench {

class Scenario : public Listener {
 public:
  explicit Scenario(Run& run) : run_(run) {}

  // All clients are connected.
  virtual void prepare() = 0;
  // What is measured.
  virtual void load() = 0;
  // Figures beside those that the meter has of every mode.
  virtual void add_to(Report&) const {}

  void event(std::size_t, std::string_view, std::int64_t) override {}
  void answer(std::size_t, const Pending&, const Answer&, std::int64_t) override {}

 protected:
  const Options& options() const { return run_.options(); }
  std::int64_t load_ns() const { return static_cast<std::int64_t>(options().seconds * 1e9); }

  Run& run_;
};

// What the mode counts: "frames".
std::string unit_of(Mode mode);

std::unique_ptr<Scenario> make_events_scenario(Run& run, bool spread);
std::unique_ptr<Scenario> make_calls_scenario(Run& run);
std::unique_ptr<Scenario> make_tree_scenario(Run& run);
std::unique_ptr<Scenario> make_idle_scenario(Run& run);
std::unique_ptr<Scenario> make_reset_scenario(Run& run);
std::unique_ptr<Scenario> make_mixed_scenario(Run& run);

// The whole run of a mode. `failure` is empty when all went well; else what the gateway or the service did wrong,
// though there are figures. Throws UsageError and RunError.
struct Outcome {
  Report report;
  std::string failure;
};
Outcome run_mode(const Options& options);

}  // namespace resflow::bench
