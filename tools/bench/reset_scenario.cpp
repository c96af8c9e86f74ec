// The benchmark mode "reset": measures the time from a system reset, which makes the gateway get a collection again,
// until every client has got all changes of the collection.
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class ResetScenario final : public Scenario {
 public:
  explicit ResetScenario(Run& run) : Scenario(run), latency_(run.meter().latency("event")) {}

  void prepare() override { run_.subscribe("list", false, options().window); }

  // Changes the collection, and waits for all events. A replaced value arrives at a client as two events, remove and
  // add.
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
