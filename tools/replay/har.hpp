// Makes a capture of the clients' side from what a browser has seen: the WebSocket messages in a HAR file, as Chromium
// writes them (_webSocketMessages). It can be played to a gateway; what services did is not in it.
#pragma once

#include <cstddef>
#include <string>

namespace resflow::replay {

// Returns the number of messages. Throws CaptureError for what is no HAR file, has no such messages, or cannot be
// written.
std::size_t import_har(const std::string& har_file, const std::string& capture_file);

}  // namespace resflow::replay
