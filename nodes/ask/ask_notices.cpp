// The part of the ask node that makes NATS subscriptions, and handles two reports: NATS has refused a subscription, and
// the connection to NATS was restored.
#include <algorithm>

#include "nodes/ask/ask.hpp"
#include "nodes/protocol/control_line.hpp"

namespace resflow {

namespace {

constexpr std::string_view kEventPrefix = "event.";
constexpr std::string_view kEventSuffix = ".*";

// Returns the resource name if the subject is "event.<name>.*", or an empty text for any other subject.
std::string_view resource_of(std::string_view subject) {
  if (!subject.starts_with(kEventPrefix) || !subject.ends_with(kEventSuffix)) return {};
  return subject.substr(kEventPrefix.size(), subject.size() - kEventPrefix.size() - kEventSuffix.size());
}

// Returns true for a get, query or access request. Such a request only reads, so it may be sent twice without harm.
bool is_repeatable(const AskedFor& purpose) {
  return std::holds_alternative<GetFor>(purpose) || std::holds_alternative<QueryFor>(purpose) ||
         std::holds_alternative<AccessFor>(purpose);
}

}  // namespace

void Ask::on(ServiceSubscribe&& m, AskOut& out) {
  bool taken = false;
  if (subscribe_line(m.subject.size()) + kEndOfLine > limits_.control_line) {
    log_.log(LogLevel::error, "Not subscribed to " + m.subject + ": the subject is too long");
    on(SubscriptionRefused{m.handle, SubscriptionRefusal::length}, out);
  } else {
    ++counters_.sent;
    taken = services_.subscribe(m.handle, m.subject);
  }
  refused_name_ = taken ? std::string_view() : resource_of(m.subject);
}

// Returns true if the request must be dropped: it is a get request for a resource, and NATS has just refused the
// subscription to the events of this resource.
bool Ask::is_refused(const ServiceRequest& m) const {
  return !refused_name_.empty() && m.name == refused_name_ && std::holds_alternative<GetFor>(m.purpose);
}

void Ask::on(SubscriptionRefused&& m, AskOut& out) {
  ++counters_.refused_subscriptions[m.why];
  out.decode.emplace_back(m);
}

// Handles the news that the connection to NATS was restored. Passes the news on to the cache, and then ends the
// requests whose replies may be lost. The order matters: the cache loads all resources anew when it gets the news. If
// it heard of a lost request first, it would send two new requests for that resource instead of one.
void Ask::on(ServicesRestored&& m, AskOut& out) {
  out.decode.emplace_back(m);
  std::vector<ServiceRequestId> lost;
  for (const auto& [id, pending] : pending_) {
    if (is_repeatable(pending->purpose)) lost.push_back(id);
  }
  std::sort(lost.begin(), lost.end());  // by id, which is the order in which they were sent
  for (const ServiceRequestId id : lost) finish(id, ServiceRequestEnd::failure, {}, errors::lost, out);
  services_.send_kept([this](ServiceRequestId id) { return pending_.contains(id); });
}

}  // namespace resflow
