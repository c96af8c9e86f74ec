// A throttle limits how many requests with one cause are under way at once. The cause is a system reset, or a client's
// request whose references are loaded with get requests. Each such request needs a slot of the throttle before it is
// sent, and returns the slot when it has ended, whether it succeeded or not.
//
// The slots of one throttle are counted by one lane for all lanes. So the limit holds for all lanes together, even if
// it is smaller than the number of lanes. A request waits for its slot in the lane that will send it
// (ThrottledRequests); the counting lane knows which lanes wait (ThrottleSlots). Both queues are first in, first out. A
// throttle that is no longer used takes no memory.
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

// Counts the slots that are taken, for the throttles that this lane is responsible for.
class ThrottleSlots {
 public:
  // Takes a slot for a lane. Returns false if none is free: the lane then waits, and give_back() returns it later.
  bool take(ThrottleId id, std::size_t limit, LaneId lane);

  // Frees a slot. Returns the lane that gets it, which is the one that has waited longest, or nullopt if no lane waits.
  std::optional<LaneId> give_back(ThrottleId id);

  std::size_t throttle_count() const { return throttles_.size(); }

 private:
  struct Throttle {
    std::size_t taken = 0;
    LazyQueue<LaneId> waiting;  // one entry for each slot that a lane waits for; empty while a slot is free
  };
  boost::unordered_flat_map<ThrottleId, Throttle, IdHash> throttles_;  // only those with slots taken
};

// The requests of this lane that wait for a slot, one queue for each throttle.
class ThrottledRequests {
 public:
  void push(ServiceRequest&& request);
  std::optional<ServiceRequest> pop(ThrottleId id);
  // Removes the get request of a resource and returns it, wherever it is in its queue. Returns nullopt if none waits.
  std::optional<ServiceRequest> withdraw(ResourceId resource);

  std::size_t size() const { return size_; }

 private:
  using Queue = std::list<ServiceRequest>;

  ServiceRequest take(Queue::iterator at);

  boost::unordered_flat_map<ThrottleId, Queue, IdHash> queues_;          // no queue in it is empty
  boost::unordered_flat_map<ResourceId, Queue::iterator, IdHash> gets_;  // a resource has one get request at a time
  std::size_t size_ = 0;
};

}  // namespace resflow
