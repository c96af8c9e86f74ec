// A fast reader for the kinds of lines that make up most of a capture. It reads a line in one pass, but only if the
// line is exactly as CaptureLines writes it. parse_record() tries it first and parses all other lines in full. Any
// thread.
#pragma once

#include <string_view>

#include "io/capture/capture_record.hpp"

namespace resflow {

// Reads a line of one of these kinds, exactly as CaptureLines writes it, into a new record whose text is set already.
// Returns false for any other line, sound or not; then the rest of the record is undefined.
bool scan_record(std::string_view text, CaptureRecord& record);

// The same for sends and requests. A checksum must have proved that CaptureLines has written the line, so only its kind
// and its lane are read.
bool scan_output(std::string_view text, CaptureRecord& record);

}  // namespace resflow
