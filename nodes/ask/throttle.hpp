// A throttle limits how many requests with one cause are under way at once. The cause is a system reset, or a client's
// request whose references are loaded with get requests. A throttle has a number of slots. The node ask takes a slot
// for each such request before it sends the request, and returns the slot when the request has ended, whether it
// succeeded or not.
//
// One lane counts the slots of a throttle for all lanes. So the limit holds for all lanes together, even if the limit
// is smaller than the number of lanes. A request waits for its slot in the lane that will send it (ThrottledRequests);
// the counting lane knows which lanes wait (ThrottleSlots). Both queues are first in, first out. A throttle that is no
// longer used takes no memory.
//
// No I/O; owned by Ask.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <list>
#include <optional>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"

namespace resflow {

// The taken slots of the throttles that this lane counts.
class ThrottleSlots {
 public:
  // Takes a slot for a lane. If no slot is free, returns false, and the lane waits until a later give_back() returns
  // that lane.
  bool take(ThrottleId id, std::size_t limit, LaneId lane);

  // Gives a slot back. If lanes wait for a slot, returns the lane that has waited longest, which gets the slot.
  // Otherwise frees the slot and returns nullopt.
  std::optional<LaneId> give_back(ThrottleId id);

  std::size_t throttle_count() const { return throttles_.size(); }

 private:
  struct Throttle {
    std::size_t taken = 0;
    LazyQueue<LaneId> waiting;  // the waiting lanes; a lane is listed once for each slot that it needs
  };
  boost::unordered_flat_map<ThrottleId, Throttle, IdHash> throttles_;  // only throttles with taken slots
};

// The requests of this lane that wait for a slot, one queue for each throttle.
class ThrottledRequests {
 public:
  void push(ServiceRequest&& request);
  std::optional<ServiceRequest> pop(ThrottleId id);
  // Removes the waiting get request of a resource from its queue, and returns the request. Returns nullopt if no get
  // request of the resource waits.
  std::optional<ServiceRequest> withdraw(ResourceId resource);

  std::size_t size() const { return size_; }

 private:
  using Queue = std::list<ServiceRequest>;

  ServiceRequest take(Queue::iterator at);

  boost::unordered_flat_map<ThrottleId, Queue, IdHash> queues_;  // empty queues are removed
  // For each resource with a waiting get request: the place of the request in its queue. A resource has one get request
  // at a time.
  boost::unordered_flat_map<ResourceId, Queue::iterator, IdHash> gets_;
  std::size_t size_ = 0;
};

}  // namespace resflow
