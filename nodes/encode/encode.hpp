// The encode node turns replies and events into WebSocket frames, and answers to HTTP API requests into HTTP responses.
// It sends them to the write node. A frame that goes to many clients is made once and shared. JSON values are copied as
// the service has sent them.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only.
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
  // Returns the requests that were answered since the previous call, for the statistics of durations. Requests without
  // a measured time of arrival are left out.
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
  std::string text_;  // the message that is being written; its memory is used again for the next message

  // The event that was encoded last, and its frame. The next delivery uses the frame again, if it has the same event,
  // the same spelling of the resource id, and the same resource set (resources that the event refers to and the clients
  // lack).
  struct Latest {
    EventPtr event;
    RidPtr rid;
    bool legacy = false;
    ResourceSet set;
    Frame frame;
  };
  Latest latest_;

  // The latest resource set (the resources in a reply) with at least eight entries, and its text. When many clients
  // subscribe to the same resource one after the other, they get the same set, and the text is used again.
  struct LatestSet {
    ResourceSet set;
    bool legacy = false;
    std::string text;  // the JSON text of the set, as append_groups() writes it
  };
  LatestSet latest_set_;
};

// The version of the RES protocol that this gateway implements.
inline constexpr std::string_view kProtocolVersion = "1.2.3";

}  // namespace resflow
