// A record: one parsed line of a capture, which is a recording of the gateway's traffic (tools/gateway/README.md,
// "Captures"). CaptureReader makes records, and resflow-replay plays them. Plain data and functions without state; any
// thread.
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

// A turn began. In a turn, a lane (a thread of the gateway) takes and processes all inputs that have come. `now`: the
// time of the lane's clock, in milliseconds. `us`: microseconds since the capture began.
struct CaptureTurn {
  Millis now = 0;
  std::int64_t us = 0;
};
// The lane took items (each one or more messages) out of its mailbox, which other threads fill. `runs`: how many
// consecutive items came from the same sender, in the order in which the lane took them.
struct CaptureTake {
  MailRuns runs;
};
// An output: something that left the lane. `what` names its kind, such as "send". Other fields of the line are not
// stored, since resflow-replay compares outputs as text. parse_sent() and parse_request() can read the fields of the
// kinds "send" and "request".
struct CaptureOut {
  std::string_view what;
};
// The last line of a part (one file of the capture). `continued`: another part follows.
struct CaptureEnd {
  bool continued = false;
};

struct CaptureRecord {
  std::size_t line = 0;   // number of the line in the file, from 1
  std::string_view text;  // the line without checksum and line feed; a view of the reader's buffer
  LaneId lane = 0;
  // True: the message entered during a turn, because a function that the lane called to send something to a client or
  // service answered with this message before it returned.
  bool inside = false;
  std::variant<ParseIn, WriteIn, ServiceReply, ServiceMessage, ServiceNotice, CaptureTurn, CaptureTake, CaptureOut,
               CaptureEnd>
      what;

  template <typename T>
  const T* get() const {
    return std::get_if<T>(&what);
  }
};

// Parses a line, which must not contain a checksum. Throws std::runtime_error if the line is invalid; the text of the
// error says what is wrong.
CaptureRecord parse_record(std::string_view text);
// Parses a line into `record`. Each call needs a new CaptureRecord, since not all of its fields are reset. If this
// throws, the caller must not use the record. `as_written`: the caller has checked, by a checksum, that the gateway
// wrote exactly this line. Then lines about sent frames and about requests to services are read faster: only their kind
// and lane are read, since resflow-replay compares these lines as text.
void parse_record(std::string_view text, bool as_written, CaptureRecord& record);

// The content of a line about sent frames: the frames, and the clients that received them. Each frame is either JSON
// text, or the number of a frame that an earlier line of the same turn (one run of the lane) has in full. parse_sent()
// throws std::runtime_error if the line is invalid.
struct CaptureSent {
  std::vector<std::string> frames;
  std::vector<ConnId> to;
};
CaptureSent parse_sent(const CaptureRecord& record);

// The content of a line about a request to a service. parse_request() throws std::runtime_error if the line is invalid.
struct CaptureRequest {
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
};
CaptureRequest parse_request(const CaptureRecord& record);

}  // namespace resflow
