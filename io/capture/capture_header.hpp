// The first line of a capture (a recording of the gateway's traffic). It names the program that made the capture, and
// the options of the gateway's pipeline. resflow-replay must run with the same options to get the same output. No
// state; any thread.
#pragma once

#include <string>
#include <string_view>

#include "nodes/pipeline_options.hpp"

namespace resflow {

struct CaptureHeader {
  unsigned version = 0;
  std::string by;       // the program that made the capture, and its version
  std::string started;  // when the capture began, in UTC, such as 2024-01-31T12:00:00Z (RFC 3339)
  bool redacted = false;
  bool partial = false;  // true: the gateway was running before the capture began, so earlier traffic is missing
  PipelineOptions options;
  unsigned part = 1;
};

// Returns the header as the inside of a JSON object, without the braces. The member `part` is missing: it is different
// in each file of the capture.
std::string header_members(const CaptureHeader& header);

// Reads the first line of a capture; `line` must not contain the checksum. Throws std::runtime_error if the line is no
// valid header; the text of the error says what is wrong.
CaptureHeader parse_header(std::string_view line);

}  // namespace resflow
