// A fast reader for the most frequent kinds of lines in a capture (a recording of the gateway's traffic). It reads only
// lines that are exactly as CaptureLines writes them. parse_record() tries these functions first. If they return false,
// it parses the line with CaptureFields, which is slower. Any thread.
#pragma once

#include <string_view>

#include "io/capture/capture_record.hpp"

namespace resflow {

// Reads a line, `text`, of one of these kinds: a message from a client, a reply or a message from a service, frames
// sent to clients, a request to a service, or the beginning of a turn (in which the lane processes its waiting
// messages). Returns false if the line is of another kind, or is not exactly as CaptureLines writes it. `record` must
// be a new CaptureRecord in which only the field `text` may be set. After false, the caller must not use its other
// fields.
bool scan_record(std::string_view text, CaptureRecord& record);

// Reads a line about frames sent to clients, or about a request to a service. Stores only the kind of the line and the
// number of the lane. The caller must have checked, by a checksum, that CaptureLines wrote the line. Returns false for
// a line of any other kind.
bool scan_output(std::string_view text, CaptureRecord& record);

}  // namespace resflow
