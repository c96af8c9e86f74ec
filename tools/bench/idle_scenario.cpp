// The benchmark mode "idle": measures how much memory and CPU time a client costs the gateway if the client subscribes
// to one model and then does nothing.
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class IdleScenario final : public Scenario {
 public:
  // Takes the first sample of the gateway's CPU time and memory, before any client connects.
  explicit IdleScenario(Run& run) : Scenario(run) {
    if (options().gateway_pid != 0) before_ = usage_of(options().gateway_pid);
    began_ = now_ns();
  }

  void prepare() override {
    run_.subscribe("model", false, options().window);
    ready_seconds_ = static_cast<double>(now_ns() - began_) / 1e9;
    if (options().gateway_pid != 0) ready_ = usage_of(options().gateway_pid);
  }

  void load() override {
    const std::int64_t end = now_ns() + load_ns();
    while (now_ns() < end) run_.turn(end);
    if (options().gateway_pid != 0) after_ = usage_of(options().gateway_pid);
  }

  void add_to(Report& report) const override {
    const auto clients = static_cast<double>(run_.crowd().size());
    report.add("ready_s", ready_seconds_);
    if (options().gateway_pid == 0) return;
    report.add("ready_cpu_us_per_client", static_cast<double>(ready_.cpu_ns - before_.cpu_ns) / 1e3 / clients);
    report.add("kb_per_client", static_cast<double>(after_.rss_bytes - before_.rss_bytes) / 1024 / clients);
  }

 private:
  ProcessUsage before_;
  ProcessUsage ready_;
  ProcessUsage after_;
  std::int64_t began_ = 0;
  double ready_seconds_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_idle_scenario(Run& run) {
  return std::make_unique<IdleScenario>(run);
}

}  // namespace resflow::bench
