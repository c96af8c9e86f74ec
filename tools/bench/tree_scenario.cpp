// The benchmark mode "tree": each client subscribes to a collection of its own, which is a list of references to
// models. All the lists refer to the same models. The gateway sends the models together with the list.
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class TreeScenario final : public Scenario {
 public:
  explicit TreeScenario(Run& run) : Scenario(run), latency_(run.meter().latency("subscribe")) {}

  void prepare() override { bytes_before_ = run_.crowd().bytes_in(); }

  void load() override { run_.subscribe("tree", true, options().window); }

  void answer(std::size_t, const Pending& pending, const Answer& answer, std::int64_t now) override {
    if (pending.kind != RequestKind::subscribe || answer.failed) return;
    const std::size_t models = count_models(answer.result);
    if (run_.has_service() && models != options().items) {
      throw RunError("a tree of " + std::to_string(options().items) + " models came with " + std::to_string(models));
    }
    run_.meter().count(models + 1);
    run_.meter().record(latency_, now - pending.due);
  }

  void add_to(Report& report) const override {
    report.add("bytes", static_cast<double>(run_.crowd().bytes_in() - bytes_before_));
  }

 private:
  Histogram& latency_;
  std::uint64_t bytes_before_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_tree_scenario(Run& run) {
  return std::make_unique<TreeScenario>(run);
}

}  // namespace resflow::bench
