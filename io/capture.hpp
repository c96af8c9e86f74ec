// The captures of a gateway, of all its lanes: one from the start, and others on demand while it runs. Each lane takes
// part by its LaneCapture; the file is closed when the last one has let go of it.
//
// Any thread.
#pragma once

#include <memory>

#include "io/capture_options.hpp"
#include "io/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/ports.hpp"

namespace resflow {

// The capture that is asked for at the start. Throws std::runtime_error when its file cannot be written.
std::shared_ptr<RunningCapture> start_capture(const CaptureOptions& options, const PipelineOptions& pipeline,
                                              LogPort& log);

// One on demand, of a gateway that is at work, in a file named by the time.
std::shared_ptr<RunningCapture> start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline,
                                                        LogPort& log);

}  // namespace resflow
