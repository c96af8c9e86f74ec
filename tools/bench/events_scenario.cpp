// The benchmark modes "fanout" and "spread" measure how fast change events reach the clients. Each event changes a
// model (a resource with named values). In fanout, all clients subscribe to the same model, so each event goes to all
// of them. In spread, each client subscribes to a model of its own, so each event goes to one client. Successive events
// go to different clients, in rotation.
#include "tools/bench/pacer.hpp"
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class EventsScenario final : public Scenario {
 public:
  EventsScenario(Run& run, bool spread)
      : Scenario(run),
        spread_(spread),
        latency_(run.meter().latency("event")),
        late_(run.meter().latency("own_delay")) {}

  void prepare() override { run_.subscribe("model", spread_, options().conns); }

  void load() override {
    const Pacer pacer(options().rate, now_ns(), load_ns());
    if (!run_.has_service()) {
      while (now_ns() < pacer.end()) run_.turn(pacer.end());
      return;
    }
    for (std::int64_t now = now_ns(); !pacer.over(sent_, now); now = now_ns()) {
      const bool all_out = publish(pacer, now);
      run_.turn(all_out ? deadline(pacer) : now);
    }
    run_.until([this] { return arrived_ >= sent_ * receivers(); }, "the events to arrive");
  }

  void event(std::size_t, std::string_view text, std::int64_t now) override {
    ++arrived_;
    run_.meter().count();
    if (const auto stamp = stamp_of(text)) run_.meter().record(latency_, now - *stamp);
  }

  void add_to(Report& report) const override { report.add("events", static_cast<double>(sent_)); }

 private:
  static constexpr int kBurst = 256;  // how many events are published before the program looks for incoming data again

  std::uint64_t receivers() const { return spread_ ? 1 : run_.crowd().size(); }

  // Publishes the events that are due, but at most kBurst. Returns false if it has published kBurst events, because
  // more may be due. Returns true if no more events are due, or if the clients must first receive earlier events
  // (--window).
  bool publish(const Pacer& pacer, std::int64_t now) {
    for (int i = 0; i < kBurst; ++i) {
      if (!pacer.due(sent_, now) || window_full(pacer)) return true;
      const std::int64_t stamp = pacer.paced() ? pacer.time_of(sent_) : now;
      if (pacer.paced()) late_.record(now - stamp);
      run_.service().change(run_.rid("model", spread_, sent_ % run_.crowd().size()), stamp);
      ++sent_;
      now = now_ns();
    }
    return false;
  }

  bool window_full(const Pacer& pacer) const {
    return !pacer.paced() && sent_ * receivers() - arrived_ >= options().window * receivers();
  }

  // Returns the time at which the next event is due. Without --rate, or if all planned events are published, returns
  // the time at which the load ends.
  std::int64_t deadline(const Pacer& pacer) const {
    return pacer.paced() && sent_ < pacer.planned() ? pacer.time_of(sent_) : pacer.end();
  }

  bool spread_;
  Histogram& latency_;
  // The delay that this program itself adds to events: the time from when an event was due until it was published.
  Histogram& late_;
  std::uint64_t sent_ = 0;
  std::uint64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_events_scenario(Run& run, bool spread) {
  return std::make_unique<EventsScenario>(run, spread);
}

}  // namespace resflow::bench
