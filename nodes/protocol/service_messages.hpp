// What enters the pipeline at its service side: replies, messages on subscriptions, and what the messaging system says
// of itself. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "nodes/protocol/error.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

enum class ServiceRequestKind : std::uint8_t { get, access, call, auth, query, count_ };

// What became of a request: the service replied, nobody listens there, time was up, or it could not be sent.
enum class ServiceRequestEnd : std::uint8_t { reply, no_responders, timeout, failure, count_ };

// Why the messaging system does not take a subscription: it has as many as it allows, its permissions do not include
// the subject, or the subject is too long for it.
enum class SubscriptionRefusal : std::uint8_t { limit, permission, length, count_ };

// The reason as captures and metrics call it.
constexpr std::string_view refusal_name(SubscriptionRefusal why) {
  if (why == SubscriptionRefusal::length) return "length";
  return why == SubscriptionRefusal::limit ? "limit" : "permission";
}

// A message on the reply subject of a request.
struct ServiceReply {
  ServiceRequestId id = 0;
  std::string payload;
  bool no_responders = false;
  std::string failure;  // why it could not be sent; empty when it was
};

// A message on a subscription.
struct ServiceMessage {
  SubscriptionHandle handle = 0;
  std::string subject;
  std::string payload;
};

// The messaging system does not take this subscription, or has ended it: nothing comes on it.
struct SubscriptionRefused {
  SubscriptionHandle handle = 0;
  SubscriptionRefusal why = SubscriptionRefusal::limit;
};

// The connection to the services had ended, and another one has taken its place, with the same subscriptions. What
// services have sent in between was missed, and requests that were sent before have no answer, unless it comes late.
struct ServicesRestored {};

inline const ErrorPtr& refusal_error(SubscriptionRefusal why) {
  if (why == SubscriptionRefusal::length) return errors::subject_too_long;
  return why == SubscriptionRefusal::limit ? errors::too_many_subscriptions : errors::subscription_not_permitted;
}

// What the messaging system says of itself. Every lane gets every ServicesRestored, in one order with system events.
using ServiceNotice = std::variant<SubscriptionRefused, ServicesRestored>;

}  // namespace resflow
