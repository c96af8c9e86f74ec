// The benchmark mode "mixed": the operations of a typical application, in fixed proportions. The operations are change
// events on models (resources with named values), method calls, get requests and subscriptions. One model has all
// clients as subscribers, every other model has one subscriber. When a subscription is answered, the client ends it at
// once.
#include <array>

#include "tools/bench/pacer.hpp"
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

enum class Step : std::uint8_t { own_event, shared_event, call, get, subscribe };

// Of 20 operations, 12 are events on a model with one subscriber, 1 is an event on the model to which all clients
// subscribe, 4 are method calls, 2 are get requests, and 1 is a subscription.
constexpr std::array<Step, 20> kSteps{Step::own_event, Step::call,      Step::own_event, Step::own_event,
                                      Step::get,       Step::own_event, Step::own_event, Step::call,
                                      Step::own_event, Step::own_event, Step::subscribe, Step::own_event,
                                      Step::call,      Step::own_event, Step::own_event, Step::get,
                                      Step::own_event, Step::call,      Step::own_event, Step::shared_event};

class MixedScenario final : public Scenario {
 public:
  explicit MixedScenario(Run& run)
      : Scenario(run),
        event_(run.meter().latency("event")),
        late_(run.meter().latency("own_delay")),
        requests_{&run.meter().latency("version"), &run.meter().latency("subscribe"),
                  &run.meter().latency("unsubscribe"), &run.meter().latency("get"), &run.meter().latency("call")} {}

  void prepare() override {
    run_.subscribe("model", true, options().conns);
    run_.subscribe("model", false, options().conns);
    measuring_ = true;
  }

  void load() override {
    const Pacer pacer(options().rate, now_ns(), load_ns());
    for (std::int64_t now = now_ns(); !pacer.over(done_, now); now = now_ns()) {
      for (int i = 0; i < kBurst && pacer.due(done_, now) && !window_full(pacer); ++i) {
        if (pacer.paced()) late_.record(now - pacer.time_of(done_));
        step(kSteps[done_ % kSteps.size()], pacer.paced() ? pacer.time_of(done_) : now_ns());
        ++done_;
      }
      const bool waits = pacer.paced() && done_ < pacer.planned();
      run_.turn(waits ? pacer.time_of(done_) : pacer.end());
    }
    run_.until([this] { return run_.crowd().unanswered() == 0 && arrived_ >= expected_; }, "the rest to arrive");
  }

  void event(std::size_t, std::string_view text, std::int64_t now) override {
    ++arrived_;
    run_.meter().count();
    if (const auto stamp = stamp_of(text)) run_.meter().record(event_, now - *stamp);
  }

  void answer(std::size_t client, const Pending& pending, const Answer&, std::int64_t now) override {
    if (!measuring_) return;
    run_.meter().count();
    run_.meter().record(*requests_[static_cast<std::size_t>(pending.kind)], now - pending.due);
    if (pending.kind == RequestKind::subscribe) {
      run_.crowd().request(client, RequestKind::unsubscribe, "unsubscribe." + leaf(client), now);
    }
  }

  void add_to(Report& report) const override { report.add("operations", static_cast<double>(done_)); }

 private:
  static constexpr int kBurst = 64;

  std::string leaf(std::size_t client) const { return run_.rid("leaf", true, client % options().items); }

  bool window_full(const Pacer& pacer) const {
    return !pacer.paced() && run_.crowd().unanswered() + (expected_ - arrived_) >= options().window;
  }

  void step(Step step, std::int64_t due) {
    const std::size_t clients = run_.crowd().size();
    const std::size_t client = done_ * 7 % clients;  // spreads the operations over the clients
    switch (step) {
      case Step::own_event:
        expected_ += 1;
        return run_.service().change(run_.rid("model", true, client), due);
      case Step::shared_event:
        expected_ += clients;
        return run_.service().change(run_.rid("model", false, 0), due);
      case Step::call:
        return run_.crowd().request(client, RequestKind::call, "call." + run_.rid("model", false, 0) + ".ping", due);
      case Step::get:
        return run_.crowd().request(client, RequestKind::get, "get." + leaf(client), due);
      case Step::subscribe:
        return run_.crowd().request(client, RequestKind::subscribe, "subscribe." + leaf(client), due);
    }
  }

  Histogram& event_;
  Histogram& late_;
  std::array<Histogram*, kRequestKinds> requests_;
  bool measuring_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t expected_ = 0;  // how many events all clients together must receive
  std::uint64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_mixed_scenario(Run& run) {
  return std::make_unique<MixedScenario>(run);
}

}  // namespace resflow::bench
