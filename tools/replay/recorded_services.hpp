// Answers the gateway's requests in place of the services when only a part of a capture's traffic is replayed. In such
// a replay, the gateway makes its requests at other times and with other ids than in the recording. So a request is
// matched with recorded requests by subject and payload. The request gets the next recorded reply to such a request or,
// if no further reply was recorded, the previous one. A recorded event goes to the subscription of this replay with the
// same subject.
//
// One thread. Memory bound: for each different request (subject and payload), keeps only the newest recorded reply that
// has been read from the capture.
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
  // Takes the next recorded reply. If requests of this replay wait for it, returns one reply: a copy for the request
  // that has waited longest, with the id of that request. Otherwise returns an empty list. In both cases, keeps the
  // reply: settle() can use it for later requests.
  std::vector<ServiceReply> recorded_reply(const ServiceReply& reply);
  // Returns a copy of the recorded message in which the handle (number) is replaced by the one that the same
  // subscription has in this replay. Returns nullopt if this replay has no subscription with the same subject.
  std::optional<ServiceMessage> recorded_message(const ServiceMessage& message) const;

  // ---- call these with the requests and subscriptions of this replay

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void subscribe(SubscriptionHandle handle, std::string_view subject);
  void unsubscribe(SubscriptionHandle handle);

  // Returns replies to those new requests of this replay for which no recorded reply is left: recorded_reply() has
  // already taken the replies to all recorded requests with the same subject and payload. Each of these new requests
  // gets a copy of the newest of those replies. Call this before each record that is not an output, and at the end.
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
  // Subject -> handle, for the subscriptions that the gateway has made in this replay. subjects_: the other way round.
  std::unordered_map<std::string, SubscriptionHandle> handles_;
  std::unordered_map<SubscriptionHandle, std::string, IdHash> subjects_;
  std::vector<std::string> new_;  // keys of the entries in exchanges_ that got a request since the last settle()
};

}  // namespace resflow::replay
