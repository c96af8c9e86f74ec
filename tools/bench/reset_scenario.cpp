// The benchmark mode "reset": the service changes a collection (a resource that is a list) and publishes a system
// reset, which tells the gateway to get the collection again. Measures the time from the system reset until every
// client has received all changes.
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class ResetScenario final : public Scenario {
 public:
  explicit ResetScenario(Run& run) : Scenario(run), latency_(run.meter().latency("event")) {}

  void prepare() override { run_.subscribe("list", false, options().window); }

  // Changes the collection, publishes the system reset, and waits until all events have arrived. For each replaced
  // value, a client receives two events: remove and add.
  void load() override {
    began_ = now_ns();
    run_.service().reset_list();
    const std::uint64_t expected = 2 * ((options().items + 99) / 100) * run_.crowd().size();
    run_.until([&] { return arrived_ >= expected; }, "the events of the reset");
  }

  void event(std::size_t, std::string_view, std::int64_t now) override {
    ++arrived_;
    run_.meter().count();
    run_.meter().record(latency_, now - began_);
  }

 private:
  Histogram& latency_;
  std::int64_t began_ = 0;
  std::uint64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_reset_scenario(Run& run) {
  return std::make_unique<ResetScenario>(run);
}

}  // namespace resflow::bench
