// Subscriptions, and what the messaging system says of them and of itself.
#include <algorithm>

#include "nodes/ask/ask.hpp"
#include "nodes/protocol/control_line.hpp"

namespace resflow {

namespace {

constexpr std::string_view kEventPrefix = "event.";
constexpr std::string_view kEventSuffix = ".*";

// The resource whose events these are; empty when it is another subscription.
std::string_view resource_of(std::string_view subject) {
  if (!subject.starts_with(kEventPrefix) || !subject.ends_with(kEventSuffix)) return {};
  return subject.substr(kEventPrefix.size(), subject.size() - kEventPrefix.size() - kEventSuffix.size());
}

// To ask twice does no harm.
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

bool Ask::is_refused(const ServiceRequest& m) const {
  return !refused_name_.empty() && m.name == refused_name_ && std::holds_alternative<GetFor>(m.purpose);
}

void Ask::on(SubscriptionRefused&& m, AskOut& out) {
  ++counters_.refused_subscriptions[m.why];
  out.decode.emplace_back(m);
}

// That everything is to be fetched anew is said first: then one request does for both.
void Ask::on(ServicesRestored&& m, AskOut& out) {
  out.decode.emplace_back(m);
  std::vector<ServiceRequestId> lost;
  for (const auto& [id, pending] : pending_) {
    if (is_repeatable(pending->purpose)) lost.push_back(id);
  }
  std::sort(lost.begin(), lost.end());  // the order of the table says nothing
  for (const ServiceRequestId id : lost) finish(id, ServiceRequestEnd::failure, {}, errors::lost, out);
  services_.resume([this](ServiceRequestId id) { return pending_.contains(id); });
}

}  // namespace resflow
