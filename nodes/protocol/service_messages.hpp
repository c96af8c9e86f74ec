// The messages that the gateway's nodes get from NATS: replies, messages on subscriptions, and notices about
// subscriptions and the connection. Plain data; any thread may use it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "nodes/protocol/error.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

enum class ServiceRequestKind : std::uint8_t { get, access, call, auth, query, count_ };

// How a request to a service ended: the service replied, no service listens on the request's subject, the reply did not
// come in time, or the request failed (it could not be sent, or the reply was lost with the connection).
enum class ServiceRequestEnd : std::uint8_t { reply, no_responders, timeout, failure, count_ };

// Why a subscription is refused: NATS allows no more subscriptions, its permissions do not include the subject, or the
// subject is too long.
enum class SubscriptionRefusal : std::uint8_t { limit, permission, length, count_ };

// Returns the name of the reason, as it is written in captures (recorded traffic) and metrics.
constexpr std::string_view refusal_name(SubscriptionRefusal why) {
  if (why == SubscriptionRefusal::length) return "length";
  return why == SubscriptionRefusal::limit ? "limit" : "permission";
}

// The outcome of one request to a service. Normally a message that came on the request's reply subject. Otherwise a
// notice that no reply will come: no service listens on the request's subject (no_responders), or the request could not
// be sent (failure).
struct ServiceReply {
  ServiceRequestId id = 0;
  std::string payload;
  bool no_responders = false;
  std::string failure;  // why the request could not be sent; empty if it was sent
};

// A message that a service has published on a subject to which the gateway subscribes.
struct ServiceMessage {
  SubscriptionHandle handle = 0;
  std::string subject;
  std::string payload;
};

// NATS has refused or ended this subscription. No more messages of the subscription come.
struct SubscriptionRefused {
  SubscriptionHandle handle = 0;
  SubscriptionRefusal why = SubscriptionRefusal::limit;
};

// The connection to NATS was lost, and is restored with the same subscriptions. The gateway has missed the events that
// services sent while there was no connection. Requests that it sent before may never get a reply.
struct ServicesRestored {};

// Returns the error that clients get because of a refused subscription.
inline const ErrorPtr& refusal_error(SubscriptionRefusal why) {
  if (why == SubscriptionRefusal::length) return errors::subject_too_long;
  return why == SubscriptionRefusal::limit ? errors::too_many_subscriptions : errors::subscription_not_permitted;
}

// A notice about the connection to NATS. A SubscriptionRefused goes to the lane of the subscription. A ServicesRestored
// goes to all lanes. All lanes get the system events (such as system.reset) and the ServicesRestored messages in the
// same order.
using ServiceNotice = std::variant<SubscriptionRefused, ServicesRestored>;

}  // namespace resflow
