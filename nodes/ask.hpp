// ask: requests to services. Gives each an id, keeps its deadline, understands pre-responses and missing responders
// (RES-Service protocol, "Requests", "Pre-response"), and passes on one Answer for each: what the service said, or the
// error that stands for it. The only node that talks to the service port.
//
// Pure; one instance a lane, called by that lane only. Time comes with Tick messages; a deadline is met within one
// tick.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct AskOut {
  std::vector<DecodeIn> decode;
};

struct AskLimits {
  Millis timeout = 3'000;
  std::size_t subject_size = 4'058;  // a longer one breaks the server's limit on a control line with the reply subject
  std::size_t payload_size = 1'048'576;
};

class Ask {
 public:
  Ask(LaneId lane, AskLimits limits, ServicePort& services, LogPort& log)
      : lane_(lane), limits_(limits), services_(services), log_(log) {}

  void process(AskIn&& message, AskOut& out);

  std::size_t pending_count() const { return pending_.size(); }
  const AskCounters& counters() const { return counters_; }

 private:
  struct Pending {
    std::string name;
    AskedFor purpose;
    Millis deadline = 0;
    Nanos sent = 0;
  };

  void on(ServiceRequest&& m, AskOut& out);
  void on(ServiceSubscribe&& m, AskOut& out);
  void on(ServiceUnsubscribe&& m, AskOut& out);
  void on(ServiceReply&& m, AskOut& out);
  void on(Tick&& m, AskOut& out);

  void pre_response(ServiceRequestId id, Pending& pending, std::string_view payload);
  void finish(ServiceRequestId id, ServiceRequestEnd end, std::string payload, ErrorPtr error, AskOut& out);
  void expire(ServiceRequestId id, AskOut& out);

  LaneId lane_;
  AskLimits limits_;
  ServicePort& services_;
  LogPort& log_;
  Millis now_ = 0;
  Nanos precise_now_ = 0;
  AskCounters counters_;
  ServiceRequestId last_id_ = 0;
  boost::unordered_flat_map<ServiceRequestId, Pending> pending_;
  std::deque<std::pair<Millis, ServiceRequestId>> deadlines_;  // of the common limit, so in order
  std::multimap<Millis, ServiceRequestId> extended_;           // set by pre-responses
};

}  // namespace resflow
