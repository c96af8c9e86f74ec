// Plays the services of a capture when only part of its traffic is played. The gateway then makes other requests than
// in the recording, at other times and with other ids. A request gets the reply to a recorded request with the same
// subject and payload: the next such reply if one is still to come, or else the last such reply. A recorded message
// goes to the subscription of this replay with the same subject.
//
// One thread. Bound: one reply for each different request of the capture.
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
  // ---- the records of the capture, in their order

  void recorded_request(const CaptureRequest& request);
  void recorded_subscribe(SubscriptionHandle handle, std::string_view subject);
  // Takes a recorded reply. If a request of this replay waits for that reply, returns the reply with the id of the
  // request.
  std::vector<ServiceReply> recorded_reply(const ServiceReply& reply);
  // Returns the recorded message with the handle that its subscription has in this replay. Returns nullopt if this
  // replay has no such subscription.
  std::optional<ServiceMessage> recorded_message(const ServiceMessage& message) const;

  // ---- the requests and subscriptions of this replay

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void subscribe(SubscriptionHandle handle, std::string_view subject);
  void unsubscribe(SubscriptionHandle handle);

  // Call this before each record that is not an output, and at the end. Returns the replies to those new requests of
  // this replay for which no recorded reply is still to come.
  std::vector<ServiceReply> settle();

 private:
  struct Exchange {
    std::size_t under_way = 0;  // recorded requests whose reply is still to come
    // The newest recorded reply so far; nullopt: there was none.
    std::optional<ServiceReply> last;
    std::deque<ServiceRequestId> waiting;  // requests of this replay that wait for a reply
  };

  std::unordered_map<std::string, Exchange> exchanges_;  // by subject and payload
  // The keys in exchanges_ of the recorded requests that have no reply so far, by request id.
  std::unordered_map<ServiceRequestId, std::string, IdHash> recorded_;
  std::unordered_map<SubscriptionHandle, std::string, IdHash> recorded_subjects_;
  std::unordered_map<std::string, SubscriptionHandle> handles_;  // handles of this replay, by subject
  std::unordered_map<SubscriptionHandle, std::string, IdHash> subjects_;
  std::vector<std::string> new_;  // keys of the exchanges that got a request since the last settle()
};

}  // namespace resflow::replay
