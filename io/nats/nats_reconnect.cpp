// Replaces a broken connection to NATS by a new one: connects again at once, makes the same subscriptions, and then
// sends the notice ServicesRestored to the lanes (the threads of the gateway). The lanes then fetch the current state
// of all resources that clients use. Clients stay connected meanwhile. All functions run on the loop's thread, except
// where a comment says otherwise.
#include <algorithm>
#include <random>
#include <utility>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_options.hpp"
#include "io/nats/nats_port.hpp"
#include "io/nats/nats_recovery.hpp"
#include "io/nats/nats_url.hpp"
#include "nodes/protocol/control_line.hpp"

namespace resflow {

// Sends a marker: a message to the gateway's own inbox (nats_recovery.hpp). When the marker comes back, the server has
// processed everything that was sent before it.
void NatsClient::send_marker() {
  ++recovery_->awaited;
  natsConnection_Publish(link_.load()->connection(), (inbox_ + ".0").c_str(), nullptr, 0);
}

// Counts a marker (a message that the gateway sent to itself) that has come back.
void NatsClient::came_back() {
  Recovery& r = *recovery_;
  ++r.confirmed;
  if (r.awaited > 0 && --r.awaited == 0) r.marker_came = true;
}

// Replaces the connection: closes the old connection, then starts to connect again. If it has already done this 30
// times within 10 seconds, calls lost() instead, which ends the gateway.
void NatsClient::replace(const std::string& reason) {
  constexpr std::uint64_t span_ms = 10'000;
  constexpr int most = 30;
  if (closing_ || lost_) return;
  Recovery& r = *recovery_;
  const std::uint64_t now = uv_now(loop_);
  if (now - r.since > span_ms) r.times = 0;
  if (r.times == 0) r.since = now;
  if (++r.times > most) return lost("it breaks again and again: " + reason);
  log_.log(LogLevel::error, "The NATS connection has ended, and another one is made: " + reason);
  r.reason = reason;
  r.awaited = 0;
  r.marker_came = false;
  live_ = false;
  longest_line_ = 0;
  if (Link* old = link_.exchange(nullptr)) {
    const NatsTraffic t = traffic_of(*old);
    past_.messages_in += t.messages_in;
    past_.bytes_in += t.bytes_in;
    past_.messages_out += t.messages_out;
    past_.bytes_out += t.bytes_out;
    old->close();
    subscriptions_->use(nullptr);
  }
  begin_connecting();
}

// Starts a thread that connects to NATS: connecting blocks, and the loop's thread must not block.
void NatsClient::begin_connecting() {
  forget_old_links();
  std::vector<NatsUrl> urls = parse_nats_urls(options_.url);
  std::shuffle(urls.begin(), urls.end(), std::random_device());
  Recovery& r = *recovery_;
  r.state = Recovery::State::connecting;
  r.next = std::make_unique<Link>(*this, loop_);
  r.connector = std::thread([this, link = r.next.get(), urls = std::move(urls)] {
    std::string failure;
    try {
      failure = link->connect(urls);
    } catch (const std::exception& e) {
      failure = e.what();
    }
    notify(Notice{Notice::Kind::connected, link, NATS_OK, std::move(failure)});
  });
}

// Called when an attempt to connect has ended. If it has succeeded, `failure` is empty, and this function begins to
// make the subscriptions again. Otherwise `failure` says why it has failed, and this function calls lost(), which ends
// the gateway.
void NatsClient::connected(const std::string& failure) {
  Recovery& r = *recovery_;
  r.connector.join();
  if (!failure.empty()) return lost(r.reason + "; cannot connect to NATS at " + failure);
  links_.push_back(std::move(r.next));
  link_ = links_.back().get();
  try {
    open();
    links_.back()->poll().begin();
  } catch (const std::exception& e) {
    return lost(e.what());
  }
  r.state = Recovery::State::subscribing;
  r.due = subscriptions_->due();
  r.at = 0;
  r.made = 0;
  r.confirmed = 0;
  subscribe_some();
}

// Makes the subscriptions in Recovery::due again on the new connection, the oldest first. Refuses a subscription if the
// server's limit on subscriptions is known and reached, or if its SUB line is too long.
//
// While the NatsClient searches for the server's limit (count_too_high()), this function sends a marker, a message to
// itself, after each subscription. The markers that come back are counted. When the limit is exceeded, the server ends
// the connection. If the library delivers messages on its own thread, markers that it has not delivered by then are
// lost. So in this case each call makes only `step` subscriptions, and marker() calls the function again when the
// markers of these have come back. Then at most `step` markers can be lost.
void NatsClient::subscribe_some() {
  constexpr std::size_t piece = 256;  // subscriptions are written to the socket in groups of this size
  // How many subscriptions one call makes, if the library delivers markers (messages to itself) on its own thread: then
  // some of them are lost when the server ends the connection.
  constexpr std::size_t step = 16;
  Recovery& r = *recovery_;
  const std::size_t last = r.searching && !is_direct_ ? std::min(r.due.size(), r.at + step) : r.due.size();
  for (; r.at < last; ++r.at) {
    if (!subscribe_again(r.at)) continue;
    ++r.made;
    if (r.searching) send_marker();
    if (r.made % piece == 0) flush(*link_);
  }
  if (r.awaited == 0) send_marker();
  flush(*link_);
}

// Makes the subscription r.due[at] again. Returns false if the subscription was refused, or if no lane needs it any
// more.
bool NatsClient::subscribe_again(std::size_t at) {
  Recovery& r = *recovery_;
  const Subscriptions::Due& due = r.due[at];
  const std::size_t limit = subscriptions_->limit();
  const bool fits = limit == 0 || r.made + Subscriptions::kOwn < limit;
  const bool is_short = line_fits(subscribe_line(due.name.size() + 2));
  if (fits && is_short) return subscriptions_->make(due);
  const Subscription refused = subscriptions_->refuse(due);
  if (refused.sink != nullptr) {
    r.refused.emplace_back(refused, is_short ? SubscriptionRefusal::limit : SubscriptionRefusal::length);
  }
  return false;
}

// Called when all markers (messages that the gateway sent to itself) have come back. By then the server has processed
// everything that was sent before the markers, and the NatsClient knows all errors about it. If there are still
// subscriptions to make, this function makes some of them. Otherwise the connection is ready, and the state becomes
// `working`.
void NatsClient::marker() {
  Recovery& r = *recovery_;
  r.marker_came = false;
  if (r.state == Recovery::State::starting) {
    r.state = Recovery::State::working;
    live_ = true;
  }
  if (r.state != Recovery::State::subscribing) return;
  if (r.at < r.due.size()) return subscribe_some();
  restored();
}

// Finishes the replacement of the connection: sends the notice ServicesRestored to the lanes (threads of the gateway),
// which then fetch their resources again. Before that, tells them which subscriptions were refused, so that they do not
// fetch those resources.
void NatsClient::restored() {
  Recovery& r = *recovery_;
  if (std::exchange(r.searching, false)) subscriptions_->set_limit(r.ceiling);
  r.due.clear();
  r.state = Recovery::State::working;
  ++past_.reconnects;
  log_.log(LogLevel::info, "Connected to NATS again, with " + std::to_string(subscriptions_->count()) +
                               " subscriptions; " + std::to_string(r.refused.size()) +
                               " are given up; all that is cached is fetched anew");
  live_ = true;
  for (const auto& [s, why] : std::exchange(r.refused, {})) s.sink->notice(SubscriptionRefused{s.handle, why});
  for (const auto& port : ports_) port->sink.notice(ServicesRestored{});
}

// Handles the error that there are too many subscriptions, after which the server has ended the connection. The server
// does not say how many it allows, so the NatsClient finds out on the next connection. There it sends a marker (a
// message to itself) after each subscription, until the server ends this connection too. The number of markers that
// came back is the number of allowed subscriptions. The connection after that gets only so many; the other
// subscriptions are refused.
void NatsClient::count_too_high() {
  Recovery& r = *recovery_;
  if (r.searching && r.state == Recovery::State::subscribing) {
    r.searching = false;
    subscriptions_->set_limit(Subscriptions::kOwn + std::min(r.confirmed, r.made));
    log_.log(LogLevel::error, "NATS allows the gateway " + std::to_string(subscriptions_->limit()) + " subscriptions");
  } else {
    r.searching = true;
    r.ceiling = subscriptions_->count() - 1;
    subscriptions_->set_limit(0);
  }
  replace("maximum subscriptions exceeded");
}

// Returns true if a PUB or SUB line of this length may be sent to the server, false if it is too long. Also remembers
// the longest line: if the server reports that a line was too long, it does not say which, and line_too_long() assumes
// that it was the longest one. Any thread.
bool NatsClient::line_fits(std::size_t line) {
  if (line > line_limit_.load(std::memory_order_relaxed)) return false;
  std::size_t longest = longest_line_.load(std::memory_order_relaxed);
  while (line > longest && !longest_line_.compare_exchange_weak(longest, line)) {
  }
  return true;
}

// Handles the error that a PUB or SUB line was too long, after which the server has ended the connection. Lowers the
// limit for these lines to 7/8 of the longest line that was sent, since the server does not tell its own limit. The
// limit falls by at least 1/8 each time. So a client can cause only a few of these errors.
void NatsClient::line_too_long() {
  constexpr std::size_t too_short = 100;  // bytes; with a lower limit, the gateway's own subscriptions would not fit
  const std::size_t limit = longest_line_ / 8 * 7;
  if (limit < too_short) return lost("maximum control line exceeded");
  line_limit_ = std::min(line_limit_.load(), limit);
  log_.log(LogLevel::error, "NATS takes shorter lines than expected: requests and subscriptions that need more than " +
                                std::to_string(line_limit_) + " bytes are refused");
  replace("maximum control line exceeded");
}

// Destroys old links (connections that were replaced) that no port uses, and for which the library will call no
// callbacks any more.
void NatsClient::forget_old_links() {
  std::erase_if(links_, [this](const auto& link) {
    const bool used = std::any_of(ports_.begin(), ports_.end(), [&](const auto& p) { return p->link() == link.get(); });
    return !used && link.get() != link_ && link->is_over();
  });
}

}  // namespace resflow
