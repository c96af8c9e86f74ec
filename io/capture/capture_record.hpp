// A record of a capture: one line after parsing (tools/gateway/README.md, "Captures"). CaptureReader makes records, and
// resflow-replay plays them. Plain data and functions without state; any thread.
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

// A turn began. `now`: the time of the lane's clock, in milliseconds. `us`: microseconds since the capture began.
struct CaptureTurn {
  Millis now = 0;
  std::int64_t us = 0;
};
// The lane took these messages out of its mailbox.
struct CaptureTake {
  MailRuns runs;
};
// Something left the lane. `what` names its kind, such as "send". resflow-replay compares outputs as text; parse_sent()
// and parse_request() read all fields of two kinds of outputs.
struct CaptureOut {
  std::string_view what;
};
// The last line of a part. `continued`: another part follows.
struct CaptureEnd {
  bool continued = false;
};

struct CaptureRecord {
  std::size_t line = 0;   // number of the line in the file, from 1
  std::string_view text;  // the line without checksum and line feed; a view of the reader's buffer
  LaneId lane = 0;
  bool inside = false;  // the message entered during a turn, because the lane called a port
  std::variant<ParseIn, WriteIn, ServiceReply, ServiceMessage, ServiceNotice, CaptureTurn, CaptureTake, CaptureOut,
               CaptureEnd>
      what;

  template <typename T>
  const T* get() const {
    return std::get_if<T>(&what);
  }
};

// Parses a line that is given without a checksum. Throws std::runtime_error that says what is wrong.
CaptureRecord parse_record(std::string_view text);
// Parses a line into `record`, which must be new. If this throws, the caller must not use the record. The caller sets
// `as_written` to true if a checksum has proved that a lane has written exactly this line. Then this function reads
// only the kind and the lane of a send or a request, since resflow-replay compares these outputs as text.
void parse_record(std::string_view text, bool as_written, CaptureRecord& record);

// A send: the frames, each as JSON text or as the number of an earlier frame of the turn, and the receivers.
// parse_sent() throws as parse_record() does.
struct CaptureSent {
  std::vector<std::string> frames;
  std::vector<ConnId> to;
};
CaptureSent parse_sent(const CaptureRecord& record);

// A request to a service. parse_request() throws as parse_record() does.
struct CaptureRequest {
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
};
CaptureRequest parse_request(const CaptureRecord& record);

}  // namespace resflow
