// The services of a capture, for a play of part of its traffic: that makes other requests than then, at other times and
// with other numbers. A request is answered with what was answered to one with the same subject and payload: the reply
// that comes next, or, when none is under way, the last one. Messages go to who has subscribed to the same subject.
//
// One thread. Bound: a reply for each different request of the capture.
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
  // ---- what the capture tells, in its order

  void recorded_request(const CaptureRequest& request);
  void recorded_subscribe(SubscriptionHandle handle, std::string_view subject);
  // The replies that go to requests of this play.
  std::vector<ServiceReply> recorded_reply(const ServiceReply& reply);
  // The message as it goes to this play's subscriber, if there is one.
  std::optional<ServiceMessage> recorded_message(const ServiceMessage& message) const;

  // ---- what is played

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void subscribe(SubscriptionHandle handle, std::string_view subject);
  void unsubscribe(SubscriptionHandle handle);

  // When all that was recorded of a turn has been told: replies for requests of this play that no reply is under way
  // for.
  std::vector<ServiceReply> settle();

 private:
  struct Exchange {
    std::size_t under_way = 0;  // requests of the capture that are not answered yet
    std::optional<ServiceReply> last;
    std::deque<ServiceRequestId> waiting;  // requests of this play
  };

  std::unordered_map<std::string, Exchange> exchanges_;  // by subject and payload
  std::unordered_map<ServiceRequestId, std::string, IdHash> recorded_;
  std::unordered_map<SubscriptionHandle, std::string, IdHash> recorded_subjects_;
  std::unordered_map<std::string, SubscriptionHandle> handles_;  // of this play, by subject
  std::unordered_map<SubscriptionHandle, std::string, IdHash> subjects_;
  std::vector<std::string> new_;  // exchanges with requests of this turn
};

}  // namespace resflow::replay
