// Converts a HAR file of a browser to a capture. It takes the WebSocket messages, as Chromium writes them
// (_webSocketMessages). Such a capture has the messages of clients, but not those of services. So resflow-replay can
// play it to a gateway, but cannot compare the outputs of the pipeline with it. resflow-replay --import-har calls this.
#pragma once

#include <cstddef>
#include <string>

namespace resflow::replay {

// Writes the capture and returns its number of messages. Throws CaptureError if the file is not a HAR file, has no
// WebSocket messages, or the capture cannot be written.
std::size_t import_har(const std::string& har_file, const std::string& capture_file);

}  // namespace resflow::replay
