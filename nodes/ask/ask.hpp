// The ask node sends requests to services over NATS and waits for the replies. Each request has an id and a deadline. A
// service can ask for more time with a pre-response (RES-Service protocol, "Requests", "Pre-response"). If no service
// listens to a request, NATS reports that. For each request, the ask node sends one Answer to the decode node: the
// reply of the service, or an error. No other node uses the ServicePort, the interface to NATS. The ask node never
// sends a message that exceeds a limit of the NATS server, because the server would close the connection for all
// clients of the gateway.
//
// Throttles: a throttle limits how many requests that have the same cause are under way at once (throttle.hpp). Each
// such request waits until it gets one of the throttle's slots. Only then is it sent, and only then its time limit
// begins. The slot is returned when the request has ended in any way. A request that has a slot never waits for another
// request, so each waiting request gets a slot at last.
//
// Refused subscriptions: the cache node subscribes to the events of a resource, and then sends get requests for the
// resource. If NATS refuses the subscription, the ask node drops these get requests without an Answer. The cache node
// gets a SubscriptionRefused message instead.
//
// Lost connections: when the connection to NATS was lost and made again, the get, query and access requests that have
// no reply end with errors::lost. The nodes that made them ask again. Call and auth requests are not repeated, because
// the service may have carried them out already.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread of the gateway), called by
// that lane only. The time comes in Tick messages, so a timeout is noticed at most one tick late.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "nodes/ask/throttle.hpp"
#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct AskOut {
  std::vector<DecodeIn> decode;
  // Messages to the ask nodes of other lanes. Each message asks for a slot of a throttle (the right to send one
  // request), gives a slot, or returns one.
  std::vector<ToLane<AskIn>> slots;
};

class Ask {
 public:
  Ask(LaneId lane, AskLimits limits, ServicePort& services, LogPort& log)
      : lane_(lane), limits_(limits), services_(services), log_(log) {}

  void process(AskIn&& message, AskOut& out);

  std::size_t pending_count() const { return pending_.size(); }
  std::size_t extended_count() const { return extended_.size(); }
  std::size_t throttled_count() const { return throttled_.size(); }
  std::size_t throttle_count() const { return slots_.throttle_count(); }
  const AskCounters& counters() const { return counters_; }
  // Returns how many records this node keeps. The number is 0 if no request to a service is under way.
  std::size_t records() const {
    return pending_.size() + deadlines_.size() + extended_.size() + slots_.throttle_count() + throttled_.size();
  }

 private:
  // Deadlines that services have moved with a pre-response (they asked for more time), with the ids of the requests.
  // Sorted by deadline.
  using Extensions = std::multimap<Millis, ServiceRequestId>;

  struct Pending {
    std::string name;
    AskedFor purpose;
    Millis deadline = 0;
    // The throttle that counts this request: a limit of requests that are under way at once. 0: none.
    ThrottleId throttle = 0;
    Nanos sent = 0;                                      // when the request was sent; 0: durations are not measured
    std::optional<Extensions::iterator> extension = {};  // the place in extended_; nullopt: no time was added
  };

  void on(ServiceRequest&& m, AskOut& out);
  void on(ServiceWithdraw&& m, AskOut& out);
  void on(ServiceSubscribe&& m, AskOut& out);
  void on(ServiceUnsubscribe&& m, AskOut& out);
  void on(ServiceReply&& m, AskOut& out);
  void on(SlotWanted&& m, AskOut& out);
  void on(SlotGiven&& m, AskOut& out);
  void on(SlotReturned&& m, AskOut& out);
  void on(Tick&& m, AskOut& out);
  // Two reports about NATS: it has refused a subscription, or the connection to it was restored. Defined in
  // ask_notices.cpp.
  void on(SubscriptionRefused&& m, AskOut& out);
  void on(ServicesRestored&& m, AskOut& out);

  bool is_refused(const ServiceRequest& m) const;
  ErrorPtr refusal(const ServiceRequest& m) const;
  std::size_t limit_of(ThrottleId id) const;
  void send(ServiceRequest&& m);
  bool send_next(ThrottleId id);
  void return_slot(ThrottleId id, AskOut& out);
  void pre_response(ServiceRequestId id, Pending& pending, std::string_view payload);
  void finish(ServiceRequestId id, ServiceRequestEnd end, std::string&& payload, ErrorPtr error, AskOut& out);
  void expire(ServiceRequestId id, AskOut& out);

  LaneId lane_;
  AskLimits limits_;
  ServicePort& services_;
  LogPort& log_;
  Millis now_ = 0;
  Nanos precise_now_ = 0;
  AskCounters counters_;
  std::uint64_t last_id_ = 0;
  // If the latest ServiceSubscribe was for the events of a resource, and was refused: the name of the resource. The
  // ask node then drops get requests for the resource. Otherwise empty.
  std::string refused_name_;
  boost::unordered_flat_map<ServiceRequestId, std::unique_ptr<Pending>, IdHash> pending_;
  // The deadline of each request, in the order in which the requests were sent. All requests have the same time limit,
  // so this is also the order of the deadlines. Later deadlines that services have asked for are in extended_.
  std::deque<std::pair<Millis, ServiceRequestId>> deadlines_;
  Extensions extended_;
  // Counts the requests of all lanes that are under way, for each throttle (a limit of such requests) that this lane
  // is responsible for.
  ThrottleSlots slots_;
  ThrottledRequests throttled_;  // requests of this lane that wait for a slot of a throttle
};

}  // namespace resflow
