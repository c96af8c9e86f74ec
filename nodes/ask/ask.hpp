// ask: requests to services. Gives each an id, keeps its deadline, understands pre-responses and missing responders
// (RES-Service protocol, "Requests", "Pre-response"), and passes on one Answer for each: what the service said, or the
// error that stands for it. The only node that talks to the service port, and what passes here breaks no limit of the
// NATS server on one message: that would end the connection, and the gateway, for all.
//
// A request of a throttle is sent when its turn comes; its time limit begins then. It gives its slot back when it ends:
// with an answer, without responders, by time, or because it could not be sent. No request waits for anything else, so
// each gets its turn.
//
// Where the events of a resource are refused, its get requests, which follow the subscription, are not sent: the
// refusal is the answer to them. When the connection to the services has been replaced, get, query and access requests
// end with errors::lost, so that who made them asks again; calls and auth requests may have been served, and are not
// repeated.
//
// Pure; one instance a lane, called by that lane only. Time comes with Tick messages; a deadline is met within one
// tick.
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
  std::vector<ToLane<AskIn>> slots;  // of throttles, between lanes
};

class Ask {
 public:
  Ask(LaneId lane, AskLimits limits, ServicePort& services, LogPort& log)
      : lane_(lane), limits_(limits), services_(services), log_(log) {}

  void process(AskIn&& message, AskOut& out);

  std::size_t pending_count() const { return pending_.size(); }
  std::size_t throttled_count() const { return throttled_.size(); }
  std::size_t throttle_count() const { return slots_.throttle_count(); }
  const AskCounters& counters() const { return counters_; }

 private:
  struct Pending {
    std::string name;
    AskedFor purpose;
    Millis deadline = 0;
    ThrottleId throttle = 0;  // whose slot it has
    Nanos sent = 0;
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
  // ask_notices.cpp: the messaging system refuses a subscription, or is there again
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
  std::string refused_name_;  // of the subscription that came last, if it was refused
  boost::unordered_flat_map<ServiceRequestId, std::unique_ptr<Pending>, IdHash> pending_;
  std::deque<std::pair<Millis, ServiceRequestId>> deadlines_;  // of the common limit, so in order
  std::multimap<Millis, ServiceRequestId> extended_;           // set by pre-responses
  ThrottleSlots slots_;                                        // of the throttles that this lane counts
  ThrottledRequests throttled_;                                // that wait for a slot
};

}  // namespace resflow
