// The first line of a capture: the program that made the capture, and the options of its pipeline. resflow-replay must
// run with the same options to get the same output. No state; any thread.
#pragma once

#include <string>
#include <string_view>

#include "nodes/pipeline_options.hpp"

namespace resflow {

struct CaptureHeader {
  unsigned version = 0;
  std::string by;       // program and version
  std::string started;  // UTC, as in RFC 3339
  bool redacted = false;
  bool partial = false;  // the gateway was running when the capture began, so earlier traffic is missing
  PipelineOptions options;
  unsigned part = 1;
};

// Returns the members of the header, except the number of the part, as JSON without the braces.
std::string header_members(const CaptureHeader& header);

// Reads the first line, given without its checksum. Throws std::runtime_error that says what is wrong.
CaptureHeader parse_header(std::string_view line);

}  // namespace resflow
