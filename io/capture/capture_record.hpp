// A record of a capture: one line after parsing (tools/gateway/README.md, "Captures"). Made by CaptureReader, played by
// resflow-replay. Plain data and functions without state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/tap.hpp"

namespace resflow {

// A turn began, at this time of the lane's clock in milliseconds. `us`: microseconds since the capture began.
struct CaptureTurn {
  Millis now = 0;
  std::int64_t us = 0;
};
// The lane took these messages out of its mailbox.
struct CaptureTake {
  MailRuns runs;
};
// Something left the lane. `what` names its kind, such as "send". Outputs are compared as text; parse_sent() and
// parse_request() read two kinds of them further.
struct CaptureOut {
  std::string_view what;
};
// The last line of a part. `continued`: another part follows.
struct CaptureEnd {
  bool continued = false;
};

struct CaptureRecord {
  std::size_t line = 0;   // its number in the file, from 1
  std::string_view text;  // the line without checksum and line feed; a view of the reader's buffer
  LaneId lane = 0;
  bool inside = false;  // as in CaptureLines::entered()
  std::variant<ParseIn, WriteIn, ServiceReply, ServiceMessage, ServiceNotice, CaptureTurn, CaptureTake, CaptureOut,
               CaptureEnd>
      what;

  template <typename T>
  const T* get() const {
    return std::get_if<T>(&what);
  }
};

// Parses a line that is given without a checksum. Throws std::runtime_error, which says what is wrong.
CaptureRecord parse_record(std::string_view text);
// The same, into a new record. If this throws, the record must not be used. `as_written`: a checksum proves that the
// line is as a lane has written it. Then sends and requests, which are compared as text, are not parsed any further
// than their kind and lane.
void parse_record(std::string_view text, bool as_written, CaptureRecord& record);

// A send: the frames, each as JSON text or as the number of an earlier frame of the turn, and the receivers. Throws as
// above.
struct CaptureSent {
  std::vector<std::string> frames;
  std::vector<ConnId> to;
};
CaptureSent parse_sent(const CaptureRecord& record);

// A request to a service. Throws as above.
struct CaptureRequest {
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
};
CaptureRequest parse_request(const CaptureRecord& record);

}  // namespace resflow
