// A throttle limits how many requests to services are under way at once. It applies to requests that have the same
// cause: either a system reset (a service tells the gateway to load its resources anew), or one client request that
// needs many referenced resources. A throttle has a number of slots. The ask node takes a slot before it sends such a
// request, and returns the slot when the request has ended.
//
// One lane (thread of the gateway) counts the slots of a throttle for all lanes. So the limit holds for all lanes
// together. A request waits in the lane that will send it (ThrottledRequests). The counting lane stores which lanes
// wait for a slot (ThrottleSlots). Both queues are first in, first out. A throttle that is no longer used takes no
// memory.
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

// Counts the requests that are under way for each throttle (a limit of such requests). Each of these requests takes one
// slot. One lane counts the slots of a throttle for all lanes.
class ThrottleSlots {
 public:
  // Takes a slot of a throttle (the right to send one request) for a lane, and returns true. If `limit` slots are taken
  // already, puts the lane into the queue and returns false. Then a later give_back() returns this lane.
  bool take(ThrottleId id, std::size_t limit, LaneId lane);

  // Gives a slot back, because its request has ended. If lanes wait, the slot goes to the lane that has waited longest,
  // and this lane is returned. Otherwise the slot is free, and nullopt is returned.
  std::optional<LaneId> give_back(ThrottleId id);

  std::size_t throttle_count() const { return throttles_.size(); }

 private:
  struct Throttle {
    std::size_t taken = 0;
    LazyQueue<LaneId> waiting;  // the waiting lanes; a lane that needs n slots is in the queue n times
  };
  boost::unordered_flat_map<ThrottleId, Throttle, IdHash> throttles_;  // a throttle without taken slots is removed
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
  // For each resource whose get request (which loads the resource) waits: the place of this request in its queue. A
  // resource has at most one get request at a time.
  boost::unordered_flat_map<ResourceId, Queue::iterator, IdHash> gets_;
  std::size_t size_ = 0;
};

}  // namespace resflow
