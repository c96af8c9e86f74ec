// Starts a capture: a recording of everything that enters and leaves the gateway's pipeline, which resflow-replay can
// play again. These functions choose the file's name, open the file and write to the log that a capture begins.
// CaptureControl calls them.
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
  std::string path;  // path of the file with the first part
  std::unique_ptr<RunningCapture> capture;
};

// Starts the capture that begins with the gateway, in the file options.path. Throws std::runtime_error when the file
// cannot be written.
StartedCapture start_capture(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

// Starts a capture of a gateway that is already running, in a new file in options.folder, named by the time. This
// capture always hides secrets. Throws as start_capture() does.
StartedCapture start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

}  // namespace resflow
