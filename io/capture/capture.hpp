// How a capture of a gateway begins. Pure but for the file and the log; any thread.
#pragma once

#include <memory>
#include <string>

#include "io/capture/capture_options.hpp"
#include "io/capture/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

struct StartedCapture {
  std::string path;
  std::unique_ptr<RunningCapture> capture;
};

// The capture that is asked for at the start. Throws std::runtime_error when its file cannot be written.
StartedCapture start_capture(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

// One on demand, of a gateway that is at work, in a new file named by the time. Throws as above.
StartedCapture start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log);

}  // namespace resflow
