// The first line of a capture: what made it, and the options of its pipeline, which one that plays it again must have.
// Any thread.
#pragma once

#include <string>
#include <string_view>

#include "nodes/pipeline_options.hpp"

namespace resflow {

struct CaptureHeader {
  unsigned version = 0;
  std::string by;
  std::string started;  // UTC, as in RFC 3339
  bool redacted = false;
  bool partial = false;  // began while the gateway was at work: what there was before is not in it
  PipelineOptions options;
  unsigned part = 1;
};

// The members but the number of the part, as JSON without the braces.
std::string header_members(const CaptureHeader& header);

// Reads the line without its checksum. Throws std::runtime_error: what is wrong with it.
CaptureHeader parse_header(std::string_view line);

}  // namespace resflow
