// Throttles: of the requests that one system reset causes, and of the get requests that one client's request causes,
// only so many are under way at once. Whoever wants to send one takes a slot, and gives it back when the request has
// ended, however it has.
//
// The slots of a throttle are counted by one lane for all lanes, so the limit holds for all of them together, also when
// it is less than the number of lanes. What waits for a slot waits in the lane that will send it. Both are first in,
// first out, and nothing is kept of a throttle that nobody uses.
//
// Pure; owned by Ask.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <list>
#include <optional>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

// The slots of the throttles that this lane counts.
class ThrottleSlots {
 public:
  // True when the lane gets a slot at once; otherwise its turn comes.
  bool take(ThrottleId id, std::size_t limit, LaneId lane);

  // A slot is free: the lane whose turn it is gets it.
  std::optional<LaneId> give_back(ThrottleId id);

  std::size_t throttle_count() const { return throttles_.size(); }

 private:
  struct Throttle {
    std::size_t taken = 0;
    LazyQueue<LaneId> waiting;  // empty while a slot is free
  };
  boost::unordered_flat_map<ThrottleId, Throttle, IdHash> throttles_;  // with slots taken
};

// The requests of this lane that wait for a slot.
class ThrottledRequests {
 public:
  void push(ServiceRequest&& request);
  std::optional<ServiceRequest> pop(ThrottleId id);
  // Takes the resource's get request out of its turn, if it waits here.
  std::optional<ServiceRequest> withdraw(ResourceId resource);

  std::size_t size() const { return size_; }

 private:
  using Queue = std::list<ServiceRequest>;

  ServiceRequest take(Queue::iterator at);

  boost::unordered_flat_map<ThrottleId, Queue, IdHash> queues_;          // none is empty
  boost::unordered_flat_map<ResourceId, Queue::iterator, IdHash> gets_;  // a resource has one get request at a time
  std::size_t size_ = 0;
};

}  // namespace resflow
