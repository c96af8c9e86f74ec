// All that takes part in a run: the loop, the clients, the service, and the meter; and how a scenario moves them on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/bench/crowd.hpp"
#include "tools/bench/loop.hpp"
#include "tools/bench/meter.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/service.hpp"

namespace resflow::bench {

class Run {
 public:
  // Connects the service. Throws UsageError for an address that is not allowed, RunError when nobody is there.
  Run(const Options& options, std::string unit);

  const Options& options() const { return options_; }
  Crowd& crowd() { return crowd_; }
  Service& service() { return *service_; }
  bool has_service() const { return service_.has_value(); }
  Meter& meter() { return meter_; }

  // The name of a resource as client i uses it: of the own service <name>.<kind>, and for `own` .<i> behind it; else
  // the one that was given with --rid.
  std::string rid(const char* kind, bool own, std::size_t i) const;

  void connect();
  // Lets each client subscribe to its rid(); `window` requests are under way at most.
  void subscribe(const char* kind, bool own, std::size_t window);

  // Waits for something to happen until `deadline` at most, and sees to it that all that follows from it leaves.
  void turn(std::int64_t deadline);

  // Turns until done() is true. Throws RunError when that takes longer than the patience of the user.
  template <typename Done>
  void until(Done&& done, const char* what) {
    std::int64_t now = now_ns();
    const std::int64_t limit = now + static_cast<std::int64_t>(options_.patience * 1e9);
    for (; !done(); now = now_ns()) {
      if (now > limit) throw RunError(std::string("waited in vain for ") + what);
      turn(std::min(limit, now + kSecond / 10));
    }
  }

 private:
  Options options_;
  Loop loop_;
  std::optional<Service> service_;
  Crowd crowd_;
  Meter meter_;
};

}  // namespace resflow::bench
