// The benchmark mode "call": clients call a service's method again and again, and the time until the answer (latency)
// is measured. --window says how many unanswered calls a client may have. Without --rate, each client always has that
// many. With --rate, calls are due at regular times, and any client that has fewer makes the next call. If all clients
// have that many, the call waits, and the wait is part of its latency.
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
  // Makes the calls that are due. Stops early if every client has as many unanswered calls as it may have.
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

  // Returns the time until which to wait for answers before call() runs again. With --rate, this is when the next call
  // is due. Returns the end of the load if there is no --rate, if all planned calls were made, or if every client has
  // as many unanswered calls as it may have.
  std::int64_t deadline(const Pacer& pacer) const {
    const bool waits = pacer.paced() && !free_.empty() && sent_ < pacer.planned();
    return waits ? pacer.time_of(sent_) : pacer.end();
  }

  Histogram& latency_;
  // How late this program itself sends calls. A call can be sent when its time has come and some client is below its
  // limit of unanswered calls. Recorded is the time from then until the call was sent.
  Histogram& late_;
  std::vector<std::string> methods_;
  std::deque<std::size_t> free_;  // a client's index is in it once for each call that the client may make now
  std::int64_t room_since_ = 0;   // when free_ was last changed from empty to not empty
  std::uint64_t sent_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_calls_scenario(Run& run) {
  return std::make_unique<CallsScenario>(run);
}

}  // namespace resflow::bench
