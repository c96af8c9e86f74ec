// A fast reader for the kinds of lines that make up most of a capture. It reads a line in one pass, but only if the
// line is exactly as CaptureLines writes it. parse_record() tries these functions first. If they refuse a line,
// parse_record() parses the line with CaptureFields. Any thread.
#pragma once

#include <string_view>

#include "io/capture/capture_record.hpp"

namespace resflow {

// Reads a line of one of these kinds: a frame of a client, a reply or a message of a service, a send, a request, or a
// turn. The line must be exactly as CaptureLines writes it. `record` must be new, with its text set already. Returns
// false for any other line, valid or not; then the other fields of the record are undefined.
bool scan_record(std::string_view text, CaptureRecord& record);

// Reads only the kind and the lane of a send or a request. A checksum must have proved that CaptureLines has written
// the line. Returns false for a line of another kind.
bool scan_output(std::string_view text, CaptureRecord& record);

}  // namespace resflow
