// Handles what the NATS library reports about a connection. notify() may be called on the library's own threads. All
// other functions of this file run on the loop's thread.
#include <utility>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_error.hpp"
#include "io/nats/nats_link.hpp"
#include "io/nats/nats_port.hpp"
#include "io/nats/nats_recovery.hpp"
#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

// Adds a notice to the list, and makes the loop's thread call take_notices(). Any thread.
void NatsClient::notify(Notice notice) {
  if (closing_) return;
  const std::lock_guard lock(notices_mutex_);
  notices_.push_back(std::move(notice));
  uv_async_send(notices_wake_.get());
}

void NatsClient::take_notices() {
  std::vector<Notice> notices;
  {
    const std::lock_guard lock(notices_mutex_);
    notices.swap(notices_);
  }
  for (Notice& notice : notices) take(std::move(notice));
}

// Handles one notice. Ignores notices about old connections, which were already replaced.
void NatsClient::take(Notice&& notice) {
  if (notice.kind == Notice::Kind::connected) return connected(notice.text);
  if (link_ == nullptr || notice.link != link_) return;
  if (notice.kind == Notice::Kind::closed) return ended();
  if (notice.kind == Notice::Kind::marker) came_back();
  if (notice.kind == Notice::Kind::error) error(notice);
  Link* link = link_;  // read again, since error() may have closed the connection
  if (link != nullptr && recovery_->marker_came && link->all_told()) marker();
}

void NatsClient::error(const Notice& notice) {
  link_.load()->told(notice.text);
  const NatsFault fault = judge_nats_error(notice.status, notice.text);
  switch (fault.reach) {
    case NatsReach::publish:
      return refused_request(fault, notice.text);
    case NatsReach::subscription:
      return refused_subscription(fault, notice.text);
    case NatsReach::message:
      log_.log(LogLevel::error, "NATS: " + notice.text);
      return replace(notice.text);
    default:  // only logs the error: if it has ended the connection, a notice of the kind `closed` follows
      log_.log(LogLevel::error, "NATS: " + notice.text);
  }
}

// Handles a permissions violation for a request. Passes the error to the ports of all lanes, since any lane may have
// sent the request. If the request is a marker (a message that the gateway sends to itself, nats_recovery.hpp), the
// function only counts the marker as come back.
void NatsClient::refused_request(const NatsFault& fault, const std::string& words) {
  if (is_about(fault, inbox_ + ".0")) return came_back();
  complain(words);
  for (const auto& port : ports_) port->refused(fault);
}

// Handles a permissions violation for a subscription: refuses the subscription, and tells the lane that has made it.
// Without the subscription to the reply inbox, the gateway cannot work: if the violation comes during the start,
// start() fails; if it comes later, the NatsClient calls `on_lost`, which ends the gateway. A violation for the
// subscription to system events (which services send to all gateways) is only logged: the gateway works without them.
void NatsClient::refused_subscription(const NatsFault& fault, const std::string& words) {
  if (is_about(fault, inbox_ + ".*")) {
    const std::string reason = "NATS does not permit the gateway to subscribe to " + inbox_ +
                               ".*, which replies come on: permit " + options_.inbox_prefix +
                               ".>, or set --natsinboxprefix (" + words + ')';
    if (recovery_->state != Recovery::State::starting) return lost(reason);
    recovery_->failure = reason;
    return;
  }
  complain(words);
  for (const Subscription& s : subscriptions_->refuse(fault)) {
    if (s.sink == nullptr) continue;  // made by this client itself: there is no lane to tell
    if (recovery_->state == Recovery::State::working) {
      s.sink->notice(SubscriptionRefused{s.handle, SubscriptionRefusal::permission});
    } else {
      recovery_->refused.emplace_back(s, SubscriptionRefusal::permission);
    }
  }
}

// Counts a permissions violation. Logs its text, but each text only once, and at most 100 different texts: the texts
// contain subjects that clients choose, so clients could otherwise fill the log.
void NatsClient::complain(const std::string& words) {
  constexpr std::size_t enough = 100;
  ++past_.not_permitted;
  if (complaints_.size() >= enough || !complaints_.insert(words).second) return;
  log_.log(LogLevel::error, "NATS: " + words);
  if (complaints_.size() == enough) log_.log(LogLevel::error, "NATS: further violations are only counted");
}

// Handles the end of the connection. The reason for the end decides whether the connection is replaced or given up
// (nats_error.hpp). If the status says that the server has sent an error text, this text is the reason. Otherwise the
// reason is the name of the status, since the library may still hold the text of an earlier error.
void NatsClient::ended() {
  const auto [status, text] = link_.load()->last_error();
  const bool said = status == NATS_ERR || status == NATS_CONNECTION_AUTH_FAILED;
  const std::string words = said && !text.empty() ? text : natsStatus_GetText(status);
  if (recovery_->state == Recovery::State::starting) {
    recovery_->failure = "lost NATS connection: " + words;
    return;
  }
  switch (judge_nats_error(status, words).reach) {
    case NatsReach::subscription_count:
      return count_too_high();
    case NatsReach::control_line:
      return line_too_long();
    case NatsReach::message:
      return replace(words);
    default:
      lost(words);
  }
}

}  // namespace resflow
