// encode: replies and events -> WebSocket frames, and answers to web requests -> HTTP responses. A text that goes to
// many is made once and shared; values pass through as they came. Pure; one instance a lane, called by that lane only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/protocol/web_options.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct EncodeOut {
  std::vector<WriteIn> write;
};

class Encode {
 public:
  explicit Encode(const WebOptions& web) : web_(web) {}

  void process(EncodeIn&& message, EncodeOut& out);

  const EncodeCounters& counters() const { return counters_; }
  // The requests that have been answered since the last time, of those whose time of arrival is known.
  std::vector<RequestId> take_answered() { return std::exchange(answered_, {}); }

 private:
  void reply(Reply&& r, EncodeOut& out);
  void append_result(Reply& r);
  void append_set(ResourceSet&& set, bool legacy);
  void web_reply(const WebReply& r, EncodeOut& out);
  void note_answer(const RequestId& id, bool failed);
  void delivery(Delivery&& d, EncodeOut& out);
  Frame finish();

  WebOptions web_;
  EncodeCounters counters_;
  std::vector<RequestId> answered_;
  std::string text_;  // scratch: grows to the largest message of late

  // The latest event: clients that need the same resources with it come one after the other.
  struct Latest {
    EventPtr event;
    RidPtr rid;
    bool legacy = false;
    ResourceSet set;
    Frame frame;
  };
  Latest latest_;

  // The latest larger resource set: many clients that subscribe to the same come one after the other.
  struct LatestSet {
    ResourceSet set;
    bool legacy = false;
    std::string text;  // its groups
  };
  LatestSet latest_set_;
};

// RES protocol version of this gateway.
inline constexpr std::string_view kProtocolVersion = "1.2.3";

}  // namespace resflow
