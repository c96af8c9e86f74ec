#include "tools/bench/run.hpp"

#include <unistd.h>

#include <algorithm>

#include "tools/bench/address.hpp"

namespace resflow::bench {

namespace {

Crowd make_crowd(Loop& loop, const Options& o) {
  const WebSocketUrl url = parse_ws_url(o.url);
  return Crowd(loop, url, resolve(url.host, url.port, o.allow_remote), o.conns);
}

// Checks the address of the NATS server, and returns the options unchanged. Throws UsageError if the server is on
// another machine and the user has not given --allow-remote.
const Options& with_allowed_nats(const Options& o) {
  if (!o.play_service) return o;
  for (const std::string& host : nats_hosts(o.nats_url)) resolve(host, 0, o.allow_remote);
  return o;
}

}  // namespace

// The process id is part of the names of the service's resources. So a gateway cannot have them in its cache from an
// earlier benchmark run.
Run::Run(const Options& options, std::string unit)
    : options_(with_allowed_nats(options)), crowd_(make_crowd(loop_, options_)), meter_(options_, std::move(unit)) {
  if (options_.play_service) service_.emplace(loop_, options_, "bench." + std::to_string(getpid()));
}

std::string Run::rid(const char* kind, bool own, std::size_t i) const {
  constexpr std::string_view number = "{i}";
  if (service_) return service_->name() + '.' + kind + (own ? '.' + std::to_string(i) : "");
  std::string rid = options_.rid;
  const std::size_t at = rid.find(number);
  return at == std::string::npos ? rid : rid.replace(at, number.size(), std::to_string(i));
}

void Run::connect() {
  const auto connected = [&] {
    const bool more = crowd_.connect_some();
    meter_.say(now_ns(), "connected " + std::to_string(crowd_.ready()) + " of " + std::to_string(crowd_.size()));
    return !more;
  };
  until(connected, "the clients to connect");
}

void Run::subscribe(const char* kind, bool own, std::size_t window) {
  std::size_t next = 0;
  const auto subscribed = [&] {
    for (; next < crowd_.size() && crowd_.unanswered() < window; ++next) {
      crowd_.request(next, RequestKind::subscribe, "subscribe." + rid(kind, own, next), now_ns());
    }
    crowd_.flush();
    meter_.say(now_ns(), "subscribed " + std::to_string(next - crowd_.unanswered()));
    return next == crowd_.size() && crowd_.unanswered() == 0;
  };
  until(subscribed, "the subscriptions");
}

void Run::turn(std::int64_t deadline) {
  crowd_.flush();
  if (service_) service_->flush();
  loop_.turn(deadline);
  if (service_) {
    service_->answer_all();
    service_->flush();
  }
  crowd_.flush();
  meter_.tick(now_ns());
}

}  // namespace resflow::bench
