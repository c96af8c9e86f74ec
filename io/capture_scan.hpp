// Reads the lines that are most of a capture in one pass, when they are just as CaptureLines writes them. Any thread.
#pragma once

#include <string_view>

#include "io/capture_record.hpp"

namespace resflow {

// False for all others, sound or not: then the record is of no use.
bool scan_record(std::string_view text, CaptureRecord& record);

}  // namespace resflow
