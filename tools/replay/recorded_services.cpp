#include "tools/replay/recorded_services.hpp"

namespace resflow::replay {

namespace {

std::string key_of(std::string_view subject, std::string_view payload) {
  return std::string(subject).append(1, '\n').append(payload);
}

ServiceReply with_id(ServiceReply reply, ServiceRequestId id) {
  reply.id = id;
  return reply;
}

}  // namespace

void RecordedServices::recorded_request(const CaptureRequest& request) {
  std::string key = key_of(request.subject, request.payload);
  ++exchanges_[key].under_way;
  recorded_[request.id] = std::move(key);
}

void RecordedServices::recorded_subscribe(SubscriptionHandle handle, std::string_view subject) {
  recorded_subjects_[handle] = subject;
}

std::vector<ServiceReply> RecordedServices::recorded_reply(const ServiceReply& reply) {
  const auto it = recorded_.find(reply.id);
  if (it == recorded_.end()) return {};
  Exchange& exchange = exchanges_[it->second];
  recorded_.erase(it);
  if (exchange.under_way > 0) --exchange.under_way;
  exchange.last = reply;
  std::vector<ServiceReply> replies;
  if (!exchange.waiting.empty()) {
    replies.push_back(with_id(reply, exchange.waiting.front()));
    exchange.waiting.pop_front();
  }
  return replies;
}

// Returns a copy of the recorded message in which the handle (number) is replaced by the one that the same subscription
// has in this replay. Returns nullopt if this replay has no such subscription. System events, such as system.reset, are
// returned unchanged: their handle is the same in every run.
std::optional<ServiceMessage> RecordedServices::recorded_message(const ServiceMessage& message) const {
  const auto subject = recorded_subjects_.find(message.handle);
  if (subject == recorded_subjects_.end()) return message;
  const auto handle = handles_.find(subject->second);
  if (handle == handles_.end()) return std::nullopt;
  ServiceMessage now = message;
  now.handle = handle->second;
  return now;
}

void RecordedServices::request(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  std::string key = key_of(subject, payload);
  exchanges_[key].waiting.push_back(id);
  new_.push_back(std::move(key));
}

void RecordedServices::subscribe(SubscriptionHandle handle, std::string_view subject) {
  handles_[std::string(subject)] = handle;
  subjects_[handle] = subject;
}

void RecordedServices::unsubscribe(SubscriptionHandle handle) {
  const auto it = subjects_.find(handle);
  if (it == subjects_.end()) return;
  const auto of_subject = handles_.find(it->second);
  if (of_subject != handles_.end() && of_subject->second == handle) handles_.erase(of_subject);
  subjects_.erase(it);
}

std::vector<ServiceReply> RecordedServices::settle() {
  std::vector<ServiceReply> replies;
  for (const std::string& key : std::exchange(new_, {})) {
    Exchange& exchange = exchanges_[key];
    while (exchange.waiting.size() > exchange.under_way && exchange.last) {
      replies.push_back(with_id(*exchange.last, exchange.waiting.front()));
      exchange.waiting.pop_front();
    }
  }
  return replies;
}

}  // namespace resflow::replay
