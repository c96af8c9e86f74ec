// The benchmark mode "call": clients call methods. A client may have as many calls without an answer as its window
// allows (--window). Without a rate (--rate), each client always has that many calls under way. With a rate, each call
// has a time at which it is due, and any client with room in its window makes the call. If no client has room, the call
// waits, and its latency includes the wait.
#include <algorithm>
#include <deque>

#include "tools/bench/pacer.hpp"
#include "tools/bench/scenario.hpp"

namespace resflow::bench {

namespace {

class CallsScenario final : public Scenario {
 public:
  explicit CallsScenario(Run& run)
      : Scenario(run), latency_(run.meter().latency("call")), late_(run.meter().latency("own_delay")) {}

  void prepare() override {
    run_.subscribe("model", false, options().conns);
    for (std::size_t i = 0; i < run_.crowd().size(); ++i) {
      methods_.push_back("call." + run_.rid("model", false, i) + '.' + options().method);
    }
    for (std::size_t k = 0; k < options().window; ++k) {
      for (std::size_t i = 0; i < run_.crowd().size(); ++i) free_.push_back(i);
    }
  }

  void load() override {
    const Pacer pacer(options().rate, now_ns(), load_ns());
    std::int64_t now = now_ns();
    for (; now < pacer.end(); now = now_ns()) {
      call(pacer, now);
      run_.turn(deadline(pacer));
    }
    if (pacer.paced()) unsent_ = pacer.planned() - sent_;
    run_.until([this] { return run_.crowd().unanswered() == 0; }, "the answers to calls");
  }

  void answer(std::size_t client, const Pending& pending, const Answer&, std::int64_t now) override {
    if (pending.kind != RequestKind::call) return;
    run_.meter().count();
    run_.meter().record(latency_, now - pending.due);
    if (free_.empty()) room_since_ = now;
    free_.push_back(client);
  }

  void add_to(Report& report) const override {
    if (options().rate == 0) return;
    report.add("calls_never_made", static_cast<double>(unsent_));
    if (unsent_ > 0) {
      report.remarks.push_back("The gateway fell behind: " + std::to_string(unsent_) +
                               " calls were due but found no room; they are in no latency.");
    }
  }

 private:
  // Makes the calls that are due, as long as a client has room in its window.
  void call(const Pacer& pacer, std::int64_t now) {
    while (!free_.empty() && pacer.due(sent_, now)) {
      const std::size_t client = free_.front();
      free_.pop_front();
      const std::int64_t due = pacer.paced() ? pacer.time_of(sent_) : now_ns();
      if (pacer.paced()) late_.record(now - std::max(due, room_since_));
      run_.crowd().request(client, RequestKind::call, methods_[client], due);
      ++sent_;
    }
  }

  // Returns when the next call is due. Returns the end of the load if there is no rate, if no further call is planned,
  // or if no client has room in its window.
  std::int64_t deadline(const Pacer& pacer) const {
    const bool waits = pacer.paced() && !free_.empty() && sent_ < pacer.planned();
    return waits ? pacer.time_of(sent_) : pacer.end();
  }

  Histogram& latency_;
  // The delay that this program itself adds to calls: the time from when a call was due and a client had room for it,
  // until this program sent the call.
  Histogram& late_;
  std::vector<std::string> methods_;
  std::deque<std::size_t> free_;  // each client's index, once for each further call that the client may make now
  std::int64_t room_since_ = 0;   // the last time at which free_ was empty and got an entry again
  std::uint64_t sent_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_calls_scenario(Run& run) {
  return std::make_unique<CallsScenario>(run);
}

}  // namespace resflow::bench
