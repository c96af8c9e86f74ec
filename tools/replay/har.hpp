// Converts a HAR file (a browser's log of its network traffic) to a capture (a recording of a gateway's traffic).
// resflow-replay --import-har calls this. Only WebSocket messages are converted; Chromium writes them as
// _webSocketMessages. Such a capture lacks the messages of services. So resflow-replay can send the recorded client
// messages to a running gateway (option --to). Its other mode does not work: to run the pipeline itself and compare the
// outputs with the recorded ones, it would need the messages of services.
#pragma once

#include <cstddef>
#include <string>

namespace resflow::replay {

// Writes the capture and returns its number of messages. Throws CaptureError if the file is not a HAR file, has no
// WebSocket messages, or the capture cannot be written.
std::size_t import_har(const std::string& har_file, const std::string& capture_file);

}  // namespace resflow::replay
