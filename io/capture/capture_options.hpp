// The options of captures (recordings of the gateway's traffic): when the gateway makes a capture, and to which files
// it writes the capture. They are a part of the gateway's configuration. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace resflow {

struct CaptureOptions {
  std::string path;               // file of a capture that starts with the gateway; empty: there is no such capture
  std::string folder = ".";       // folder for the files of captures that are started on demand
  bool redact = false;            // hides secrets; a capture on demand always hides them
  std::uint64_t part_bytes = 0;   // when a file has this many bytes, a new file (part) begins; 0: never
  std::int64_t part_seconds = 0;  // when a file is this old, a new file (part) begins; 0: never
  unsigned keep_parts = 0;        // how many files (parts) to keep; older ones are removed; 0: all are kept
};

}  // namespace resflow
