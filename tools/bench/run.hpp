// Everything that takes part in a benchmark run: the event loop, the clients, the service and the meter. A scenario (a
// benchmark mode) uses a Run to send requests, and to keep all these parts running until the answers have arrived. Loop
// thread only.
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
  // Connects the service to NATS; connect() connects the clients later. Throws UsageError if the gateway's URL is
  // malformed, or if the gateway or the NATS server is on another machine and --allow-remote is not given. Throws
  // RunError if the NATS server cannot be reached.
  Run(const Options& options, std::string unit);

  const Options& options() const { return options_; }
  Crowd& crowd() { return crowd_; }
  Service& service() { return *service_; }
  bool has_service() const { return service_.has_value(); }
  Meter& meter() { return meter_; }

  // Returns the name of the resource that client i uses. If this program plays the service, the name is
  // <service>.<kind>.<i> if `own` is true (each client has its own resource), or <service>.<kind> if it is false (all
  // clients share one). Otherwise the name is the value of --rid.
  std::string rid(const char* kind, bool own, std::size_t i) const;

  // Connects all clients, and waits until they are connected.
  void connect();
  // Subscribes each client i to the resource rid(kind, own, i), and waits for the answers. See rid() for `kind` and
  // `own` (whether each client has its own resource). At most `window` requests wait for an answer at the same time.
  void subscribe(const char* kind, bool own, std::size_t window);

  // Does one iteration of the event loop. Waits until something arrives, but no longer than `deadline`. Lets the
  // service answer the requests that have arrived. Sends what the clients and the service have queued.
  void turn(std::int64_t deadline);

  // Calls turn() until done() returns true. Throws RunError if that takes longer than the option --patience allows.
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
