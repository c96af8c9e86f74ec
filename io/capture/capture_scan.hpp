// Reads the lines that are most of a capture in one pass, when they are just as CaptureLines writes them. Any thread.
#pragma once

#include <string_view>

#include "io/capture/capture_record.hpp"

namespace resflow {

// The record has its text already. False for all other lines, sound or not: then the rest of it is of no use.
bool scan_record(std::string_view text, CaptureRecord& record);

// The same for sends and requests that are known to be just what CaptureLines has written: only their kind and lane are
// looked for.
bool scan_output(std::string_view text, CaptureRecord& record);

}  // namespace resflow
