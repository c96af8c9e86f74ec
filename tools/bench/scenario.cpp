#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

std::unique_ptr<Scenario> make_scenario(Run& run) {
  switch (run.options().mode) {
    case Mode::fanout:
      return make_events_scenario(run, false);
    case Mode::spread:
      return make_events_scenario(run, true);
    case Mode::call:
      return make_calls_scenario(run);
    case Mode::tree:
      return make_tree_scenario(run);
    case Mode::idle:
      return make_idle_scenario(run);
    case Mode::reset:
      return make_reset_scenario(run);
    case Mode::mixed:
      return make_mixed_scenario(run);
  }
  return nullptr;
}

}  // namespace

std::string unit_of(Mode mode) {
  switch (mode) {
    case Mode::call:
      return "calls";
    case Mode::tree:
      return "resources";
    default:
      return "frames";
  }
}

Outcome run_mode(const Options& options) {
  Run run(options, unit_of(options.mode));
  const std::unique_ptr<Scenario> scenario = make_scenario(run);
  run.crowd().listen(scenario.get());
  run.connect();
  scenario->prepare();
  run.meter().start(now_ns());
  scenario->load();
  run.meter().stop(now_ns());

  Outcome outcome;
  Report& report = outcome.report;
  report.mode = name_of(options.mode);
  report.url = options.url;
  report.settings = settings_of(options);
  run.meter().add_to(report);
  scenario->add_to(report);
  report.add("errors", static_cast<double>(run.crowd().errors()));
  if (run.crowd().errors() > 0) {
    outcome.failure =
        std::to_string(run.crowd().errors()) + " requests failed; the first: " + run.crowd().first_error();
  }
  return outcome;
}

}  // namespace resflow::bench
