// The part of the node ask that subscribes at the messaging system (NATS) and handles its notices: a refused
// subscription and a restored connection.
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

// Returns true for a request that only reads, so that it may be sent twice without harm.
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

// Returns true for a get request of the resource to whose events the messaging system has just refused a subscription.
bool Ask::is_refused(const ServiceRequest& m) const {
  return !refused_name_.empty() && m.name == refused_name_ && std::holds_alternative<GetFor>(m.purpose);
}

void Ask::on(SubscriptionRefused&& m, AskOut& out) {
  ++counters_.refused_subscriptions[m.why];
  out.decode.emplace_back(m);
}

// Tells the node decode that the connection to the services was restored, and then ends the requests whose replies may
// be lost. The order matters: the cache must begin to reset all resources before it learns that a request was lost. So
// it sends one new request for a resource instead of two (one for the reset, one for the lost request).
void Ask::on(ServicesRestored&& m, AskOut& out) {
  out.decode.emplace_back(m);
  std::vector<ServiceRequestId> lost;
  for (const auto& [id, pending] : pending_) {
    if (is_repeatable(pending->purpose)) lost.push_back(id);
  }
  std::sort(lost.begin(), lost.end());  // in the order in which ask sent them; the hash table has no useful order
  for (const ServiceRequestId id : lost) finish(id, ServiceRequestEnd::failure, {}, errors::lost, out);
  services_.send_kept([this](ServiceRequestId id) { return pending_.contains(id); });
}

}  // namespace resflow
