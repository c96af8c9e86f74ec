// Starts a capture. A capture is a recording of everything that enters and leaves the gateway's pipeline; the program
// resflow-replay can play it again. These functions choose the file's name and open the file. CaptureControl calls
// them, and logs that the capture has begun.
//
// No state; any thread.
#pragma once

#include <memory>
#include <string>

#include "io/capture/capture_options.hpp"
#include "io/capture/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

struct StartedCapture {
  std::string path;  // path of the file with the capture's first part
  std::unique_ptr<RunningCapture> capture;
  bool redacted = false;  // the capture hides secrets
};

// Starts a capture when the gateway itself starts. Writes it to the file options.path. Throws std::runtime_error if the
// file cannot be written.
StartedCapture start_capture(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

// Starts a capture of a gateway that is already running. Writes it to a new file in options.folder, whose name contains
// the time. This capture always hides secrets. Throws std::runtime_error if the file cannot be written.
StartedCapture start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

}  // namespace resflow
