// Starts a capture: a recording of everything that enters and leaves the gateway's pipeline, which resflow-replay can
// play again. These functions choose the file's name, open the file and tell the log. They are called by
// CaptureControl.
//
// Any thread. The functions keep no state; they touch only the file and the log.
#pragma once

#include <memory>
#include <string>

#include "io/capture/capture_options.hpp"
#include "io/capture/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

struct StartedCapture {
  std::string path;  // file of its first part
  std::unique_ptr<RunningCapture> capture;
};

// Starts the capture that the options ask for at the start of the gateway. Throws std::runtime_error when its file
// cannot be written.
StartedCapture start_capture(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

// Starts a capture of a gateway that is already running, in a new file in options.folder, named by the time. Secrets
// are always hidden. Throws as above.
StartedCapture start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

}  // namespace resflow
