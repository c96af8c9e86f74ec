// One line of a capture, read (tools/gateway/README.md, "Captures"). Any thread.
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

struct CaptureTurn {
  Millis now = 0;
  std::int64_t us = 0;
};
struct CaptureTake {
  MailRuns runs;
};
// What left: compared as text, and understood where that is wanted (parse_sent()).
struct CaptureOut {
  std::string_view what;
};
struct CaptureEnd {
  bool continued = false;
};

struct CaptureRecord {
  std::size_t line = 0;   // its number
  std::string_view text;  // without a checksum and the line's end, in place as the line is
  LaneId lane = 0;
  bool inside = false;
  std::variant<ParseIn, WriteIn, ServiceReply, ServiceMessage, ServiceNotice, CaptureTurn, CaptureTake, CaptureOut,
               CaptureEnd>
      what;

  template <typename T>
  const T* get() const {
    return std::get_if<T>(&what);
  }
};

// Reads a line without a checksum. Throws std::runtime_error: what is wrong with it.
CaptureRecord parse_record(std::string_view text);
// The same, into a record, which is of no use when it throws. `as_written`: a checksum says that the line is as a lane
// has written it; then what left, which is compared as text, is not looked into.
void parse_record(std::string_view text, bool as_written, CaptureRecord& record);

// What was sent: the frames, each as JSON text or as the number of an earlier one of the turn, and to whom. Throws as
// above.
struct CaptureSent {
  std::vector<std::string> frames;
  std::vector<ConnId> to;
};
CaptureSent parse_sent(const CaptureRecord& record);

// A request that left. Throws as above.
struct CaptureRequest {
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
};
CaptureRequest parse_request(const CaptureRecord& record);

}  // namespace resflow
