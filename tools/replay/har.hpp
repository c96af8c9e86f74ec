// Converts a HAR file of a browser to a capture. It takes the WebSocket messages, as Chromium writes them
// (_webSocketMessages). Such a capture has only the clients' side, so it can be played to a gateway, but not compared:
// what services did is not in it. resflow-replay --import-har calls it.
#pragma once

#include <cstddef>
#include <string>

namespace resflow::replay {

// Writes the capture and returns its number of messages. Throws CaptureError if the file is not a HAR file, has no
// WebSocket messages, or the capture cannot be written.
std::size_t import_har(const std::string& har_file, const std::string& capture_file);

}  // namespace resflow::replay
