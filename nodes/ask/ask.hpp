// The node ask sends requests to services and waits for the replies. It gives each request an id and a deadline. A
// service can move the deadline with a pre-response, and NATS reports a request that no service listens to (RES-Service
// protocol, "Requests", "Pre-response"). For each request ask sends one Answer to the node decode: the reply of the
// service, or an error in its place. ask is the only node that uses the ServicePort, the interface to NATS. It never
// sends a message that exceeds a limit of the NATS server, because the server would end the connection, which all
// clients of the gateway share.
//
// Throttles: a throttle limits how many requests with one cause are under way at once (throttle.hpp). A request with a
// throttle waits until it gets one of the throttle's slots. Only then does ask send the request, and only then does the
// request's time limit begin. ask returns the slot when the request ends: with a reply, by timeout, because no service
// listens, or because ask could not send it. A request that has a slot never waits for another request, so each waiting
// request gets a slot at last.
//
// Refused subscriptions: the cache subscribes to the events of a resource and then sends its get requests. If the
// messaging system refuses the subscription, ask drops these get requests and sends no Answer for them: the cache gets
// a SubscriptionRefused instead.
//
// Lost connections: when the connection to the services has been replaced, get, query and access requests without a
// reply end with errors::lost, and the node that made them asks again. Calls and auth requests are not repeated,
// because the service may have carried them out.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only. The time comes in Tick messages, so ask notices a timeout at most one tick late.
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
  std::vector<ToLane<AskIn>> slots;  // messages about throttle slots, to the node ask of other lanes
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
  // Returns how many records the node ask keeps. The number is 0 if no request to a service is under way.
  std::size_t records() const {
    return pending_.size() + deadlines_.size() + extended_.size() + slots_.throttle_count() + throttled_.size();
  }

 private:
  // The deadlines that pre-responses have set: one for each pending request that has had a pre-response.
  using Extensions = std::multimap<Millis, ServiceRequestId>;

  struct Pending {
    std::string name;
    AskedFor purpose;
    Millis deadline = 0;
    ThrottleId throttle = 0;                             // the request has a slot of this throttle; 0: none
    Nanos sent = 0;                                      // when ask sent the request; 0 if durations are not measured
    std::optional<Extensions::iterator> extension = {};  // the request's place in extended_, after a pre-response
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
  // In ask_notices.cpp. SubscriptionRefused: the messaging system has refused a subscription. ServicesRestored: the
  // connection to the messaging system has been restored.
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
  std::string refused_name_;  // resource name of the latest subscription, if it was refused; else empty
  boost::unordered_flat_map<ServiceRequestId, std::unique_ptr<Pending>, IdHash> pending_;
  // The deadlines in the order in which the requests were sent. All requests have the same time limit, so the deadlines
  // are sorted.
  std::deque<std::pair<Millis, ServiceRequestId>> deadlines_;
  Extensions extended_;
  ThrottleSlots slots_;          // the slots of the throttles that this lane counts
  ThrottledRequests throttled_;  // requests that wait for a slot
};

}  // namespace resflow
