// A fast reader for the most frequent kinds of lines in a capture (a recording of the gateway's traffic). It reads a
// line in one pass, but only if the line is exactly as CaptureLines writes it. parse_record() tries these functions
// first. If they return false, parse_record() parses the line with CaptureFields, which is slower. Any thread.
#pragma once

#include <string_view>

#include "io/capture/capture_record.hpp"

namespace resflow {

// Reads a line of one of these kinds: a message from a client, a reply or a message from a service, frames sent to
// clients, a request to a service, or the beginning of a turn. The line must be exactly as CaptureLines writes it. The
// caller passes a new `record` whose text is already set. Returns false for any other line, even if it is valid. Then
// the other fields of the record are undefined.
bool scan_record(std::string_view text, CaptureRecord& record);

// Reads a line of one of two kinds: frames sent to clients, or a request to a service. Stores only the kind and the
// number of the lane. The caller must have checked, by a checksum, that CaptureLines wrote the line. Returns false for
// a line of any other kind.
bool scan_output(std::string_view text, CaptureRecord& record);

}  // namespace resflow
