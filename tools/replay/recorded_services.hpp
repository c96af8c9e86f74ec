// Answers the gateway's requests in place of the services when only a part of a capture's traffic is replayed. In such
// a replay, the gateway makes its requests at other times and with other ids than in the recording. So a request is
// matched with recorded requests by subject and payload. The request gets the next recorded reply to such a request or,
// if no further reply was recorded, the previous one. A recorded event goes to the subscription of this replay with the
// same subject.
//
// One thread. Memory bound: keeps one reply for each different request of the capture.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/capture/capture_record.hpp"

namespace resflow::replay {

class RecordedServices {
 public:
  // ---- call these with the records of the capture, in their order

  void recorded_request(const CaptureRequest& request);
  void recorded_subscribe(SubscriptionHandle handle, std::string_view subject);
  // Takes the next recorded reply. If a request of this replay waits for it, returns the reply with the id of that
  // request. Otherwise returns an empty list, and keeps the reply for settle().
  std::vector<ServiceReply> recorded_reply(const ServiceReply& reply);
  // Returns the recorded message, but with the handle (number) that its subscription has in this replay. Returns
  // nullopt if this replay has no subscription with the same subject.
  std::optional<ServiceMessage> recorded_message(const ServiceMessage& message) const;

  // ---- call these with the requests and subscriptions of this replay

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void subscribe(SubscriptionHandle handle, std::string_view subject);
  void unsubscribe(SubscriptionHandle handle);

  // Returns replies to new requests of this replay for which the recording has no further reply. A request is such a
  // one if all recorded requests with the same subject and payload already have their replies. Its reply is a copy of
  // the newest of these. Call this before each record that is not an output, and at the end.
  std::vector<ServiceReply> settle();

 private:
  struct Exchange {
    std::size_t under_way = 0;  // how many recorded requests have not got their recorded reply yet
    // The newest recorded reply so far; nullopt: there was none.
    std::optional<ServiceReply> last;
    std::deque<ServiceRequestId> waiting;  // requests of this replay that wait for a reply
  };

  std::unordered_map<std::string, Exchange> exchanges_;  // by subject and payload of the requests
  // Request id -> key in exchanges_, for each recorded request whose reply has not been read from the capture yet.
  std::unordered_map<ServiceRequestId, std::string, IdHash> recorded_;
  std::unordered_map<SubscriptionHandle, std::string, IdHash> recorded_subjects_;
  std::unordered_map<std::string, SubscriptionHandle> handles_;  // handles of this replay, by subject
  std::unordered_map<SubscriptionHandle, std::string, IdHash> subjects_;
  std::vector<std::string> new_;  // keys of the entries in exchanges_ that got a request since the last settle()
};

}  // namespace resflow::replay
