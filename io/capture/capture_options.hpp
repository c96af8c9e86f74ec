// Which captures an operator wants, and where the gateway writes them. Part of the configuration. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace resflow {

struct CaptureOptions {
  std::string path;               // file of the capture that begins with the gateway; empty: none
  std::string folder = ".";       // folder for the files of captures that are started on demand
  bool redact = false;            // hides secrets; a capture on demand always hides them
  std::uint64_t part_bytes = 0;   // a new part begins when a part reaches this size; 0: never
  std::int64_t part_seconds = 0;  // a new part begins when a part reaches this age; 0: never
  unsigned keep_parts = 0;        // number of parts to keep; 0: all
};

}  // namespace resflow
