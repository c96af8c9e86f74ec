#include "nodes/ask/throttle.hpp"

namespace resflow {

bool ThrottleSlots::take(ThrottleId id, std::size_t limit, LaneId lane) {
  Throttle& t = throttles_[id];
  if (t.taken < limit) {
    ++t.taken;
    return true;
  }
  t.waiting.push(lane);
  return false;
}

std::optional<LaneId> ThrottleSlots::give_back(ThrottleId id) {
  const auto it = throttles_.find(id);
  if (it == throttles_.end()) return std::nullopt;
  Throttle& t = it->second;
  if (!t.waiting.empty()) return t.waiting.pop();
  if (--t.taken == 0) throttles_.erase(it);
  return std::nullopt;
}

void ThrottledRequests::push(ServiceRequest&& request) {
  Queue& queue = queues_[request.throttle];
  queue.push_back(std::move(request));
  ++size_;
  if (const auto* get = std::get_if<GetFor>(&queue.back().purpose)) {
    gets_.insert_or_assign(get->resource, std::prev(queue.end()));
  }
}

std::optional<ServiceRequest> ThrottledRequests::pop(ThrottleId id) {
  const auto it = queues_.find(id);
  if (it == queues_.end()) return std::nullopt;
  return take(it->second.begin());
}

std::optional<ServiceRequest> ThrottledRequests::withdraw(ResourceId resource) {
  const auto it = gets_.find(resource);
  if (it == gets_.end()) return std::nullopt;
  return take(it->second);
}

ServiceRequest ThrottledRequests::take(Queue::iterator at) {
  ServiceRequest request = std::move(*at);
  if (const auto* get = std::get_if<GetFor>(&request.purpose)) {
    const auto known = gets_.find(get->resource);
    if (known != gets_.end() && known->second == at) gets_.erase(known);
  }
  const auto queue = queues_.find(request.throttle);
  queue->second.erase(at);
  if (queue->second.empty()) queues_.erase(queue);
  --size_;
  return request;
}

}  // namespace resflow
